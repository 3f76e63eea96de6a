import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { Api } from '../support/api.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { run } from '../support/program.ts';
import { emptyFolder, LISTENING } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

/** The files of a clone that the package is built from. */
const SOURCES = [
  ...['.npmrc', 'LICENSE', 'README.md', 'drizzle', 'openapi.json', 'package.json'],
  'public/passwords',
  ...['scripts', 'src', 'tsconfig.json', 'tsconfig.client.json'],
];

/** A folder that contains only the installed package. */
let project: string;

async function succeed(command: readonly string[], folder: string): Promise<string> {
  const { status, stdout, stderr } = await run(command, folder, {}, 180_000);
  if (status !== 0) throw new Error(`${command.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(async () => {
  const clone = mkdtempSync(join(tmpdir(), 'latchkey-clone-'));
  project = mkdtempSync(join(tmpdir(), 'latchkey-installed-'));
  for (const path of SOURCES) cpSync(join(ROOT, path), join(clone, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  await succeed(['npm', 'run', 'server:pack'], clone);
  const [tarball = ''] = readdirSync(clone).filter((name) => name.endsWith('.tgz'));
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await succeed(['npm', 'install', ...quiet, join(clone, tarball)], project);
  rmSync(clone, { recursive: true, force: true });
}, 400_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

const installed = (path: string): string => join(project, 'node_modules/latchkey', path);

/** Starts a server in an empty folder. Returns the server and the folder. */
async function start(command: string, args: readonly string[], cwd = emptyFolder()) {
  const server = await startProcess({
    label: command,
    command,
    args,
    cwd,
    env: { ...bareEnvironment(), PORT: '0', PASSWORD_ROUNDS: '1' },
    ready: LISTENING,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return { server, cwd, api: new Api(server.match[1] ?? '') };
}

async function expectWhole(api: Api): Promise<void> {
  const { phone, password } = DEMO_USER;
  const login = await api.logIn(phone.entered, password);
  expect(login.status).toBe(200);
  const bearer = { Authorization: `Bearer ${login.at('access_token')}` };
  expect((await api.get('/profile/me', bearer)).at('name')).toBe(DEMO_USER.name);
  expect((await api.get('/docs')).text).toContain('swagger-ui-bundle.js');
  const bundle = await api.get(DOCS_BUNDLE);
  expect([bundle.status, bundle.text.length > 1_000_000]).toEqual([200, true]);
  // Rejected because of the list of common passwords, which is a file of the package.
  const signUp = { email: 'ada@example.com', password: 'password1234' };
  expect((await api.json('POST', '/auth/signup', signUp)).at('code')).toBe('weak_password');
}

describe('the server, as a package in an empty folder', () => {
  test('npx latchkey serve serves the API, its documentation and the demo user', async () => {
    const { server, api } = await start('npx', ['--no-install', 'latchkey', 'serve'], project);
    await expectWhole(api);
    expect(existsSync(join(project, 'data/latchkey.db'))).toBe(true);
    expect(await server.stop()).toBe(true);
  });

  test('its data is in the current folder, regardless of the location of the package', async () => {
    const { cwd } = await start(process.execPath, [installed('dist/runtime/latchkey.js'), 'serve']);
    expect(readdirSync(join(cwd, 'data'))).toContain('latchkey.db');
    const check = await run([process.execPath, installed('dist/runtime/check.js')], cwd);
    expect([check.status, check.stdout]).toEqual([0, expect.stringContaining('in order')]);
  });

  test.each([
    ['Bun', () => [bunPath(), installed('dist/runtime/bun.js')]],
    ['Deno', () => [denoPath(), 'run', '-A', installed('dist/runtime/deno.js')]],
  ])('also serves on %s', async (_, commandOf) => {
    const [command = '', ...args] = commandOf();
    await expectWhole((await start(command, args)).api);
  });

  test('contains the files that it needs at run time, the licenses of bundled packages, and no source', () => {
    expect(readdirSync(installed('')).sort()).toEqual(
      ['LICENSE', 'README.md', 'dist', 'drizzle', 'openapi.json', 'package.json', 'public'].sort(),
    );
    expect(readdirSync(installed('dist')).sort()).toEqual(['runtime']);
    const licenses = readFileSync(installed('dist/runtime/LICENSES.txt'), 'utf8');
    for (const name of ['hono', '@hono/zod-openapi', 'zod', 'drizzle-orm', 'jose']) {
      // A heading, followed by a text.
      expect(licenses).toMatch(
        new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.*\\)\\n\\n\\s*[A-Z]`, 'm'),
      );
    }
  });

  test('installs no package with an install script', () => {
    const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
      readFileSync(join(project, 'package-lock.json'), 'utf8'),
    );
    const paths = Object.keys(lock.packages);
    expect(paths).toContain('node_modules/commander');
    expect(paths).toContain('node_modules/nodemailer');
    expect(paths.filter((path) => lock.packages[path]?.hasInstallScript)).toEqual([]);
    expect(paths.filter((path) => /esbuild|swagger-ui|scarf/.test(path))).toEqual([]);
  });
});
