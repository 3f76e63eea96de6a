import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bunPath, denoPath, wranglerPath } from '../../scripts/binaries.ts';
import { startProcess } from '../support/process.ts';
import {
  freePort,
  ROOT,
  startTarget,
  type Target,
  wranglerEnvironment,
} from '../support/targets.ts';

const FIXTURES = join(ROOT, 'test/fixtures/client');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** A project with the packed package in its node_modules, and the fixtures as its own files. */
let project: string;
let target: Target;
/** Takes calls and answers none. */
let silent: Server;
let silentUrl: string;

const run = (command: string, args: readonly string[], cwd = project): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(async () => {
  target = await startTarget('node');
  const silentPort = await freePort();
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(silentPort, '127.0.0.1', resolve));
  silentUrl = `http://127.0.0.1:${silentPort}`;
  project = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
  run(process.execPath, ['scripts/build-client.mjs'], ROOT);
  run('npm', ['pack', '--pack-destination', project], ROOT);
  const [tarball = ''] = readdirSync(project);
  const installed = join(project, 'node_modules/latchkey');
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  cpSync(FIXTURES, project, { recursive: true });
  const manifest = { type: 'module', dependencies: { latchkey: '*' } };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
});

afterAll(async () => {
  await target?.stop();
  silent?.close();
  if (project) rmSync(project, { recursive: true, force: true });
});

const HAPPENED = [
  201,
  'Ada',
  [200, 200, 200],
  'ü',
  'precondition_failed',
  true,
  'AbortError',
  true,
  { revoked: true },
  'none',
  'not_authenticated',
  true,
  [],
];

describe('latchkey/client, as a package', () => {
  test('has the client, its types and nothing else of it', () => {
    const installed = join(project, 'node_modules/latchkey/dist/client');
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((path) => !/^[\w-]+\.d\.ts$/.test(path))).toEqual(['client.js']);
    expect(files).toContain('client.d.ts');
  });

  test.each([
    ['Node', () => [process.execPath]],
    ['Bun', () => [bunPath()]],
    ['Deno', () => [denoPath(), 'run', '--allow-net', '--no-prompt']],
  ])('works on %s: sign up, log in, read, refresh, change, log out', (_, commandOf) => {
    const [command = '', ...args] = commandOf();
    expect(JSON.parse(run(command, [...args, 'run.mjs', target.baseUrl, silentUrl]))).toEqual(
      HAPPENED,
    );
  });

  test('works in workerd', async () => {
    const port = await freePort();
    const server = await startProcess({
      label: 'wrangler dev',
      command: process.execPath,
      args: [
        wranglerPath(),
        ...['dev', 'worker.mjs', '--name', 'story', '--compatibility-date', '2026-04-21'],
        ...['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
        ...[
          '--var',
          `API:${target.baseUrl}`,
          '--var',
          `SILENT:${silentUrl}`,
          '--show-interactive-dev-session=false',
        ],
      ],
      cwd: project,
      env: wranglerEnvironment(project),
      ready: /Ready on (http:\/\/127\.0\.0\.1:\d+)/,
    });
    onTestFinished(async () => {
      await server.stop();
    });
    expect(await (await fetch(server.match[1] ?? '')).json()).toEqual(HAPPENED);
  });

  test('the example of the README runs as it stands', () => {
    const [, code = ''] =
      /```js\n(import [^`]*latchkey\/client[\s\S]*?)```/.exec(
        readFileSync(join(project, 'node_modules/latchkey/README.md'), 'utf8'),
      ) ?? [];
    const example = code.replace('http://127.0.0.1:8000', target.baseUrl);
    expect(example).not.toBe(code);
    writeFileSync(join(project, 'example.mjs'), example);
    expect(run(process.execPath, ['example.mjs'])).toBe('true\n');
  });

  const node = { types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] };
  const workers = { types: [join(ROOT, 'node_modules/@cloudflare/workers-types')] };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
  // Only here are the declarations themselves checked: those of a platform take long, and are not ours.
  const bare = { lib: ['es2022'], types: [], skipLibCheck: false };
  const dom = { lib: ['es2022', 'dom'], types: [] };

  test.each([
    ['nodenext, bare', { ...nodenext, ...bare }, ['consumer.ts']],
    ['bundler, bare', { ...bundler, ...bare }, ['consumer.ts']],
    ['nodenext, dom', { ...nodenext, ...dom }, ['consumer.ts', 'platform.ts', 'browser.ts']],
    ['bundler, dom', { ...bundler, ...dom }, ['consumer.ts', 'platform.ts', 'browser.ts']],
    ['nodenext, Node', { ...nodenext, lib: ['es2022'], ...node }, ['consumer.ts', 'platform.ts']],
    ['bundler, Workers', { ...bundler, lib: ['es2022'], ...workers }, ['platform.ts']],
  ])('its types hold under strict: %s', (_, options, files) => {
    const config = {
      compilerOptions: {
        target: 'es2022',
        noEmit: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        ...options,
      },
      files,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    let complaints = '';
    try {
      run(process.execPath, [TSC, '-p', '.']);
    } catch (error) {
      complaints = String(error instanceof Error && 'stdout' in error ? error.stdout : error);
    }
    expect(complaints).toBe('');
  });
});
