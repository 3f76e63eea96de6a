import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { freshCopy, npmRun, TRACKED } from '../support/npm-run.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

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
    'npm run %s serves the API, its documentation and the demo user, and leaves no process behind if only npm receives the signal',
    async (script) => {
      const folder = freshCopy();
      const { server, api } = await npmRun(folder, script);
      const { phone, password } = DEMO_USER;
      expect((await api.logIn(phone.entered, password)).status).toBe(200);
      expect((await api.get('/docs')).text).toContain('swagger-ui-bundle.js');
      expect((await api.get(DOCS_BUNDLE)).status).toBe(200);
      server.kill('SIGTERM');
      await expect.poll(() => server.isGone(), { timeout: 10_000 }).toBe(true);
    },
  );

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
