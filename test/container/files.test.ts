import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { SETTINGS } from '../../src/config/settings.ts';
import {
  read,
  readCompose,
  type Service,
  stopLimitSeconds,
  unknownSettings,
  valuesIn,
} from '../support/deployment.ts';
import { needs } from '../support/optional.ts';
import { GOOD_SECRET, parse } from '../support/settings.ts';
import { ROOT } from '../support/targets.ts';

const PORT = SETTINGS.PORT.default;
/** `${NAME:?message}`: compose refuses to start without it. */
const REQUIRED = /^\$\{(\w+):\?.+\}$/;

const filled = ({ environment }: Service, given: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(REQUIRED, (_, key: string) => given[key] ?? ''),
    ]),
  );

describe.each(['compose.yaml', 'compose.libsql.yaml'])('%s', (path) => {
  const { services, volumes } = readCompose(path);
  const { api } = services as { readonly api: Service };
  const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);

  test('confines every container of Latchkey', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const [, service] of ours) {
      expect(service).toMatchObject({
        build: '.',
        image: `latchkey:${packageJson.version}`,
        read_only: true,
        tmpfs: ['/tmp'],
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  test('starts no server without SECRET_KEY, and sets only settings', () => {
    for (const [, { environment }] of ours) {
      expect(REQUIRED.exec(environment.SECRET_KEY ?? '')?.[1]).toBe('SECRET_KEY');
      expect(unknownSettings(Object.keys(environment))).toEqual([]);
    }
  });

  test('serves in production, also with a copy of .env.example as .env', () => {
    const own = filled(api, { SECRET_KEY: GOOD_SECRET, DATABASE_AUTH_TOKEN: 'a.b.c' });
    const expected = { environment: 'production', host: '0.0.0.0', port: Number(PORT) };
    expect(parse(own)).toMatchObject(expected);
    const copy = Object.entries(parseEnv(read('.env.example'))).map(([name, value]) => [
      name,
      value ?? '',
    ]);
    expect(parse({ ...Object.fromEntries(copy), ...own })).toMatchObject(expected);
  });

  test('publishes the port to this machine only, and of the API only', () => {
    expect(api.ports).toEqual([`127.0.0.1:${PORT}:${PORT}`]);
    const others = Object.entries(services).filter(([name]) => name !== 'api');
    expect(others.flatMap(([, { ports = [] }]) => ports)).toEqual([]);
  });

  test('gives a server the time that it takes to stop', () => {
    expect(Number.parseInt(api.stop_grace_period ?? '', 10)).toBeGreaterThan(stopLimitSeconds());
  });

  test('declares the volumes that it mounts, and pins every image', () => {
    const mounted = Object.values(services).flatMap((service) => service.volumes ?? []);
    expect(mounted.map((mount) => mount.split(':')[0])).toEqual(Object.keys(volumes));
    for (const { image } of Object.values(services))
      expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
  });
});

test('compose.yaml has the database on the volume', () => {
  const { api } = readCompose('compose.yaml').services;
  expect(api?.environment.DATABASE_URL).toBe('file:/data/latchkey.db');
  expect(api?.volumes).toEqual(['data:/data']);
});

test('compose.libsql.yaml has the pictures on a volume', () => {
  const { api } = readCompose('compose.libsql.yaml').services;
  const { avatars } = parse(
    filled(api as Service, { SECRET_KEY: GOOD_SECRET, DATABASE_AUTH_TOKEN: 'a.b.c' }),
  );
  expect(avatars).toEqual({ kind: 'folder', path: '/data/avatars' });
  expect(api?.volumes).toEqual(['avatars:/data']);
});

test('compose.libsql.yaml starts the API after a migration, and the libSQL server only with a key', () => {
  const { api, migrate, libsql } = readCompose('compose.libsql.yaml').services;
  expect(api?.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
  expect(migrate?.command).toEqual(['migrate']);
  expect(migrate?.depends_on).toEqual({ libsql: { condition: 'service_healthy' } });
  expect(migrate?.environment).toEqual(api?.environment);
  expect(REQUIRED.exec(libsql?.environment.SQLD_AUTH_JWT_KEY ?? '')?.[1]).toBe('SQLD_AUTH_JWT_KEY');
  expect(new URL(api?.environment.DATABASE_URL ?? '').hostname).toBe('libsql');
});

describe('deploy/latchkey.service', () => {
  const unit = valuesIn('deploy/latchkey.service');

  test('runs the built program as its own user, with the settings of one file', () => {
    expect(unit.ExecStart).toBe('/usr/bin/node /opt/latchkey/dist/runtime/latchkey.js serve');
    expect(unit.User).toBe('latchkey');
    // A `.env` in the working directory is read by every command.
    expect(unit.EnvironmentFile).toBe(join(unit.WorkingDirectory ?? '', '.env'));
  });

  test('sends SIGTERM, and gives the server the time that it takes to stop', () => {
    expect(unit.KillSignal).toBe('SIGTERM');
    expect(Number(unit.TimeoutStopSec)).toBeGreaterThan(stopLimitSeconds());
  });

  test('is confined: systemd-analyze rates its exposure at most 2.0 of 10', (context) => {
    needs(context, 'systemd-analyze', 'systemd-analyze', '--version');
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--threshold=20', join(ROOT, 'deploy/latchkey.service')],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Overall exposure level for latchkey.service');
  });
});

describe('deploy/fly.toml', () => {
  const file = valuesIn('deploy/fly.toml');

  test('has the port, the health check and the volume of the image', () => {
    expect(file.internal_port).toBe(PORT);
    expect(file.path).toBe('/healthz');
    expect(file.destination).toBe('/data');
  });

  test('sets only settings', () => {
    const [, env = ''] = /^\[env\]\n([\s\S]*?)^\[/m.exec(read('deploy/fly.toml')) ?? [];
    const names = [...env.matchAll(/^\s*([A-Z_]+) =/gm)].map(([, name = '']) => name);
    expect(names).toEqual(['TRUSTED_PROXY_HOPS', 'PUBLIC_URL']);
    expect(unknownSettings(names)).toEqual([]);
  });

  test('gives the server the time that it takes to stop', () => {
    expect(file.kill_signal).toBe('SIGTERM');
    expect(Number.parseInt(file.kill_timeout ?? '', 10)).toBeGreaterThan(stopLimitSeconds());
  });
});

test('the workflow runs .ci/run on each supported Node, with read access, pinned actions and limits', () => {
  const workflow: {
    permissions: unknown;
    concurrency: unknown;
    jobs: {
      test: {
        'timeout-minutes': number;
        strategy: { matrix: { node: readonly string[] } };
        steps: readonly { uses?: string; run?: string; with?: Record<string, unknown> }[];
      };
    };
  } = parseYaml(read('.github/workflows/ci.yml'));
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(workflow.concurrency).toHaveProperty('group');
  const { steps, strategy, ...job } = workflow.jobs.test;
  expect(strategy.matrix.node).toEqual(['20', '22', '24']);
  expect(packageJson.engines.node).toMatch(/^>=20\./);
  expect(job['timeout-minutes']).toBeLessThanOrEqual(90);
  for (const { uses } of steps) if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+\.\d+\.\d+$/);
  expect(steps.at(-1)).toEqual({ run: 'bash .ci/run' });
});

describe('docs/hosting.md', () => {
  /** Names of the hosts and of the libSQL server, a signal, and variables of a script. */
  const FOREIGN = [
    ...['SQLD_AUTH_JWT_KEY', 'RAILWAY_RUN_UID', 'RAILWAY_DEPLOYMENT_DRAINING_SECONDS'],
    ...['SIGTERM', 'BASE', 'TOKEN'],
  ];
  const page = read('docs/hosting.md');

  test('names only settings that exist', () => {
    const inText = [...page.matchAll(/`([A-Z][A-Z_]{3,})(?:=[^`]*)?`/g)];
    const inCode = [...page.matchAll(/^\s*(?:-e )?"?([A-Z][A-Z_]{3,})"?\s*[=:]/gm)];
    const names = [...inText, ...inCode].map(([, name = '']) => name);
    expect(names).toEqual(
      expect.arrayContaining(['SECRET_KEY', 'TRUSTED_PROXY_HOPS', 'PUBLIC_URL']),
    );
    expect(unknownSettings(names).filter((name) => !FOREIGN.includes(name))).toEqual([]);
  });

  test('has settings for systemd with which production starts and serves its pages', () => {
    const [, lines = ''] = /<<END\n([\s\S]*?)\nEND$/m.exec(page) ?? [];
    const settings = lines.split('\n').map((line) => line.split(/=(.*)/).slice(0, 2));
    const own = { ...Object.fromEntries(settings), SECRET_KEY: GOOD_SECRET };
    const [, folder] = /StateDirectory=(\w+)/.exec(read('deploy/latchkey.service')) ?? [];
    expect(parse(own)).toMatchObject({
      environment: 'production',
      databaseUrl: `file:/var/lib/${folder}/latchkey.db`,
      trustedProxyHops: 1,
      pages: { isServed: true, isUrlMissing: false },
    });
  });

  test('names each file of this kind', () => {
    for (const path of [
      ...['Dockerfile', 'compose.yaml', 'compose.libsql.yaml', 'deploy/latchkey.service'],
      ...['deploy/fly.toml', 'scripts/libsql-token.mjs'],
    ]) {
      expect(page).toContain(`](../${path})`);
    }
  });
});
