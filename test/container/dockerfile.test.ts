import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readContext } from '../../scripts/container/context.ts';
import {
  type CopyStep,
  environmentOf,
  parseDockerfile,
  type Stage,
} from '../../scripts/container/dockerfile.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { read, unknownSettings } from '../support/deployment.ts';
import { emptyFolder } from '../support/server.ts';
import { errorOf, GOOD_SECRET, onLaptop, parse } from '../support/settings.ts';
import { ROOT } from '../support/targets.ts';

const stages = parseDockerfile(read('Dockerfile'));
const last = stages.at(-1) as Stage;
const copiesOf = ({ steps }: Stage): CopyStep[] => steps.filter((step) => step.kind === 'copy');
const context = readContext(ROOT);

describe('Dockerfile', () => {
  test('has three stages on one image, whose tag names a Node that the project supports', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'packages', 'runtime']);
    const [image, ...others] = new Set(stages.map((stage) => stage.image));
    expect(others).toEqual([]);
    const [, major] = /^node:(\d+)-[a-z]+-slim$/.exec(image ?? '') ?? [];
    const [, oldest] = /^>=(\d+)\./.exec(packageJson.engines.node) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(Number(oldest));
  });

  test('copies from the build context only what exists and .dockerignore admits, and from earlier stages', () => {
    for (const [at, stage] of stages.entries()) {
      const earlier = stages.slice(0, at).map(({ name }) => name);
      for (const { from, sources } of copiesOf(stage)) {
        if (from !== undefined) expect(earlier).toContain(from);
        for (const source of from === undefined ? sources : []) {
          const found = context.files.some(
            (file) => file === source || file.startsWith(`${source}/`),
          );
          expect([source, found]).toEqual([source, true]);
        }
      }
    }
  });

  test('takes nothing from the build context into the image but through the build', () => {
    expect(copiesOf(last).filter(({ from }) => from === undefined)).toEqual([]);
    expect(copiesOf(last).length).toBeGreaterThan(3);
  });

  test('runs the built program itself, as node, and serves by default', () => {
    expect(last.user).toBe('node');
    expect(last.entrypoint).toEqual(['node', '/app/dist/runtime/latchkey.js']);
    expect(read('scripts/build.mjs')).toContain("latchkey: 'src/runtime/latchkey.ts'");
    expect(last.command).toEqual(['serve']);
  });

  test('sets only settings, for production, on every address and in the volume; SECRET_KEY is missing', () => {
    const env = environmentOf(last);
    expect(unknownSettings(Object.keys(env))).toEqual([]);
    const config = parse({ ...env, SECRET_KEY: GOOD_SECRET });
    expect(config).toMatchObject({
      environment: 'production',
      host: '0.0.0.0',
      databaseUrl: 'file:/data/latchkey.db',
    });
    expect(errorOf(() => parse(env, onLaptop)).problems).toEqual([
      'SECRET_KEY: must be set in production',
    ]);
  });

  test('gives the folder of the database to its user alone', () => {
    const commands = last.steps.flatMap((step) => (step.kind === 'run' ? [step.command] : []));
    expect(commands).toEqual(['install --directory --owner=node --group=node --mode=0700 /data']);
  });

  test('exposes the default port, and checks an operation of the API there', () => {
    expect(last.ports).toEqual([Number(SETTINGS.PORT.default)]);
    const [program, flag, code = ''] = last.healthcheck ?? [];
    expect([program, flag]).toEqual(['node', '-e']);
    const [, port, path = ''] = /\|\| (\d+)\) \+ '(\/\w+)'/.exec(code) ?? [];
    expect(port).toBe(SETTINGS.PORT.default);
    expect(JSON.parse(read('openapi.json')).paths[path].get).toBeDefined();
  });
});

describe('parseDockerfile', () => {
  const FROM = 'FROM node:24 AS runtime\n';

  test.each([
    ['a program in shell form', 'ENTRYPOINT node server.js'],
    ['a default command in shell form', 'CMD serve'],
    ['a health check in shell form', 'HEALTHCHECK CMD curl http://127.0.0.1'],
    ['a wildcard', 'COPY src/*.ts ./'],
    ['a flag of COPY that it would leave out', 'COPY --chown=node src src'],
    ['a volume, which Railway rejects', 'VOLUME /data'],
    ['a file from elsewhere', 'ADD https://example.com/x /x'],
    ['a relative working directory', 'WORKDIR app'],
  ])('rejects %s', (_, line) => {
    expect(() => parseDockerfile(FROM + line)).toThrow(/^Dockerfile, line 2: /);
  });

  test('rejects a stage without a name, and an instruction before the first', () => {
    expect(() => parseDockerfile('FROM node:24')).toThrow(/line 1: FROM needs/);
    expect(() => parseDockerfile(`RUN ls\n${FROM}`)).toThrow(/line 1: RUN stands before/);
  });

  test('reads commands over several lines', () => {
    const [stage] = parseDockerfile(`${FROM}RUN a \\\n  && b\nENTRYPOINT ["a", \\\n  "b"]`);
    expect(stage?.steps).toEqual([{ kind: 'run', command: 'a  && b' }]);
    expect(stage?.entrypoint).toEqual(['a', 'b']);
  });
});

describe('.dockerignore', () => {
  test('admits nothing at the top but what the Dockerfile copies', () => {
    const copied = stages.flatMap(copiesOf).filter(({ from }) => from === undefined);
    const wanted = [...new Set(copied.flatMap(({ sources }) => sources))];
    const admitted = [...new Set(context.files.map((file) => file.split('/')[0]))];
    expect(admitted.sort()).toEqual(wanted.sort());
  });

  test('excludes secrets, databases, packages, builds and the repository, wherever they are', () => {
    const folder = emptyFolder();
    const admitted = ['.npmrc', 'package.json', 'public/passwords/common.txt', 'src/app.ts'];
    const excluded = [
      ...[
        '.env',
        '.env.production',
        'src/.env',
        'scripts/.env.local',
        '.dev.vars',
        'src/.dev.vars',
      ],
      ...['secret_key', 'src/secret_key', 'data/latchkey.db.secret', 'src/latchkey.db.secret'],
      ...['data/latchkey.db', 'src/latchkey.db', 'drizzle/copy.db', 'src/latchkey.db-wal'],
      ...['node_modules/zod/index.js', 'dist/runtime/latchkey.js', 'public/docs/index.html'],
      ...[
        '.git/config',
        '.cache/current/x',
        'test/app.test.ts',
        'latchkey-0.2.0.tgz',
        'src/npm.log',
      ],
      ...['deploy/fly.toml', 'docs/hosting.md', 'compose.yaml', 'fly.toml'],
    ];
    cpSync(join(ROOT, '.dockerignore'), join(folder, '.dockerignore'));
    for (const path of [...admitted, ...excluded]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
    expect([...readContext(folder).files].sort()).toEqual(admitted.sort());
  });
});
