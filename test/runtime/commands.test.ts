import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { Api } from '../support/api.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { freePort, ROOT } from '../support/targets.ts';

const TRACKED = [
  'drizzle',
  'package.json',
  'public/passwords',
  'scripts',
  'src',
  'tsconfig.json',
  'wrangler.toml',
];

/** Copies the project as a clone contains it, with the packages that `npm ci` installs. */
function freshCopy(): string {
  const folder = emptyFolder();
  for (const path of TRACKED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Runs a script of package.json until it reports its URL. */
async function npmRun(folder: string, script: string, settings: Record<string, string> = {}) {
  const server = await startProcess({
    label: `npm run ${script}`,
    command: 'npm',
    args: ['run', script],
    cwd: folder,
    env: {
      ...bareEnvironment(),
      PORT: String(await freePort()),
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      NO_COLOR: '1',
      ...settings,
    },
    ready: /(?:listens on|Ready on|info] -) (http:\/\/127\.0\.0\.1:\d+)/,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return { server, api: new Api(server.match[1] ?? '') };
}

describe('in a clone without the development dependencies', () => {
  /** Installs the packages of `npm ci --omit=dev`. Each finds its own dependencies at its real path. */
  function withoutBuilder(): string {
    const folder = emptyFolder();
    for (const path of TRACKED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    for (const name of ['@libsql', 'commander', 'libsql', 'nodemailer']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    return folder;
  }

  test('npm start serves an existing build', async () => {
    const folder = withoutBuilder();
    for (const path of ['dist/runtime', 'public/docs']) {
      cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    }
    const { server, api } = await npmRun(folder, 'start');
    expect((await api.get(DOCS_BUNDLE)).status).toBe(200);
    expect(await server.stop()).toBe(true);
  });

  test('npm start explains what is missing if there is no build', async () => {
    const { status, stderr } = await run(['npm', 'run', '--silent', 'start'], withoutBuilder());
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^Latchkey is not built.*npm ci/)]);
  });
});

describe('in a fresh clone, without any preparation', () => {
  test.each(['start', 'dev', 'dev:bun', 'dev:deno', 'dev:worker'])(
    'npm run %s serves the API, its documentation and the demo user, and exits on a signal',
    async (script) => {
      const folder = freshCopy();
      const { server, api } = await npmRun(folder, script);
      const { phone, password } = DEMO_USER;
      expect((await api.logIn(phone.entered, password)).status).toBe(200);
      expect((await api.get('/docs')).text).toContain('swagger-ui-bundle.js');
      expect((await api.get(DOCS_BUNDLE)).status).toBe(200);
      expect(await server.stop()).toBe(true);
    },
  );

  test('npm run dev:worker creates its own secret, readable only by its owner, and keeps it', async () => {
    const folder = freshCopy();
    const { server } = await npmRun(folder, 'dev:worker');
    await server.stop();
    const settings = join(folder, '.dev.vars');
    expect(statSync(settings).mode & 0o777).toBe(0o600);
    const text = readFileSync(settings, 'utf8');
    expect(text).toMatch(/^APP_ENV=development\nSECRET_KEY=[\w-]{64}\n$/);
    await (await npmRun(folder, 'dev:worker')).server.stop();
    expect(readFileSync(settings, 'utf8')).toBe(text);
  });

  test.each(['start', 'dev', 'dev:bun', 'dev:deno', 'dev:worker'])(
    'npm run %s leaves no process behind if only npm receives the signal',
    async (script) => {
      const { server } = await npmRun(freshCopy(), script);
      server.kill('SIGTERM');
      await expect.poll(() => server.isGone(), { timeout: 10_000 }).toBe(true);
    },
  );

  test('[S50] npm run dev:worker on a network omits the demo user and reports it', async () => {
    const { server, api } = await npmRun(freshCopy(), 'dev:worker', { HOST: '0.0.0.0' });
    const { phone, password } = DEMO_USER;
    expect((await api.logIn(phone.entered, password)).status).toBe(400);
    expect(server.output()).toContain('No demo user: the network can reach 0.0.0.0.');
  });

  test('npm run passes arguments to the program, and returns its exit code', async () => {
    const folder = freshCopy();
    const npm = (...args: string[]) => run(['npm', 'run', '--silent', ...args], folder);
    expect((await npm('db:migrate')).stdout).toBe('The database is up to date.\n');
    expect((await npm('db:check')).stdout).toContain('The database is in order.');
    expect((await npm('db:backup', '--', 'b.db')).status).toBe(0);
    expect((await npm('keys', '--', 'list')).stdout).toMatch(/^KID +ALGORITHM/);
    expect((await npm('messages', '--', 'test', 'a@b.example')).stdout).toMatch(/\nsent\n$/);
    const { status, stderr } = await npm('keys', '--', 'rotate', '--foo');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^Unknown argument: --foo\n/)]);
    expect(readdirSync(folder)).toContain('b.db');
  });

  test('npm run deploy:dry bundles the Worker', async () => {
    const folder = freshCopy();
    const dryRun = await startProcess({
      label: 'npm run deploy:dry',
      command: 'npm',
      args: ['run', 'deploy:dry'],
      cwd: folder,
      env: { ...bareEnvironment(), WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
      ready: /gzip: ([\d.]+) KiB/,
    });
    expect(await dryRun.exit).toBe(0);
    expect(existsSync(join(folder, 'dist/worker/worker.js'))).toBe(true);
  });
});
