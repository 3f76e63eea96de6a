import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { bunPath, denoPath, wranglerPath } from '../../scripts/binaries.ts';
import { installClient } from '../support/client-package.ts';
import { freePort } from '../support/free-port.ts';
import { startProcess } from '../support/process.ts';
import { ROOT, startTarget, type Target, wranglerEnvironment } from '../support/targets.ts';

const FIXTURES = join(ROOT, 'test/fixtures/client');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** A project with the packed package in its node_modules, and the fixtures as its own files. */
let project: string;
/** The folder of the installed package. */
let installed: string;
let target: Target;
/** A server that accepts connections and never responds. */
let silent: Server;
let silentUrl: string;

const run = (command: string, args: readonly string[], cwd = project): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const bundler = { module: 'esnext', moduleResolution: 'bundler' };

/** Compiles a folder by this `tsconfig.json`. Returns what the compiler reports. */
function compile(folder: string, config: object): string {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  try {
    return run(process.execPath, [TSC, '-p', '.'], folder);
  } catch (error) {
    return String(error instanceof Error && 'stdout' in error ? error.stdout : error);
  }
}

beforeAll(async () => {
  target = await startTarget('node');
  const silentPort = await freePort();
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(silentPort, '127.0.0.1', resolve));
  silentUrl = `http://127.0.0.1:${silentPort}`;
  project = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
  installed = installClient(project);
  cpSync(FIXTURES, project, { recursive: true });
  cpSync(join(project, 'consumer.ts'), join(project, 'consumer.cts'));
  const manifest = { type: 'module', dependencies: { 'latchkey-client': '*' } };
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

const manifestSchema = z.object({
  version: z.string(),
  main: z.string(),
  module: z.string(),
  types: z.string(),
  exports: z.record(
    z.string(),
    z.union([z.string(), z.record(z.string(), z.record(z.string(), z.string()))]),
  ),
  dependencies: z.never().optional(),
  peerDependencies: z.never().optional(),
});
const readManifest = (folder: string): unknown =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

describe('latchkey-client, as a package', () => {
  test('contains only the client and its types', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    const others = files.filter((path) => !/^dist(\/[\w-]+\.d\.c?ts)?$/.test(path));
    expect(others.sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/client.cjs',
      'dist/client.js',
      'package.json',
    ]);
  });

  test('has no dependencies and the version of the server, and every entry exists', () => {
    const { version, main, module, types, exports } = manifestSchema.parse(readManifest(installed));
    expect({ version }).toMatchObject(z.object({ version: z.string() }).parse(readManifest(ROOT)));
    const conditions = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry).flatMap(Object.values<string>),
    );
    const entries = [main, module, types, ...conditions];
    expect(entries.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
    expect(entries.length).toBeGreaterThan(6);
  });

  test('`require` exports the same names as `import`', () => {
    const namesOf = (load: string) =>
      run(process.execPath, [
        ...['--input-type', 'module', '-e'],
        `import { createRequire } from 'node:module';
         const require = createRequire(import.meta.url);
         console.log(Object.keys(${load}).sort().join());`,
      ]);
    const names = namesOf("await import('latchkey-client')");
    expect(names).toContain('createClient,');
    expect(namesOf("require('latchkey-client')")).toBe(names);
    // Resolves the package as webpack 4 and Jest do, which do not read `exports`.
    const { main } = manifestSchema.parse(readManifest(installed));
    expect(namesOf(`require('./node_modules/latchkey-client/${main}')`)).toBe(names);
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

  test.each(['packages/client/README.md', 'docs/client.md'])(
    'the first example of %s runs unchanged',
    (page) => {
      const [, code = ''] =
        /```js\n(import [^`]*'latchkey-client'[\s\S]*?)```/.exec(
          readFileSync(join(ROOT, page), 'utf8'),
        ) ?? [];
      const example = code.replace('http://127.0.0.1:8000', target.baseUrl);
      expect(example).not.toBe(code);
      writeFileSync(join(project, 'example.mjs'), example);
      expect(run(process.execPath, ['example.mjs'])).toMatch(/^.*sessions: 1\n/s);
    },
  );

  test('the React app of docs/client.md compiles in a new project of Vite', () => {
    const page = readFileSync(join(ROOT, 'docs/client.md'), 'utf8');
    const [, app = ''] = /```tsx\n([\s\S]*?)```/.exec(page) ?? [];
    expect(app).toContain('export default function App()');
    const folder = join(project, 'react');
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
    for (const name of ['react', '@types/react']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    writeFileSync(join(folder, 'App.tsx'), app);
    // As in the template `react-ts`, and strict.
    const compilerOptions = {
      ...{ target: 'es2023', lib: ['ES2023', 'DOM'], ...bundler, types: [], skipLibCheck: true },
      ...{ jsx: 'react-jsx', verbatimModuleSyntax: true, moduleDetection: 'force', noEmit: true },
      ...{ strict: true, noUnusedLocals: true, noUnusedParameters: true },
      ...{ erasableSyntaxOnly: true, noFallthroughCasesInSwitch: true },
    };
    expect(compile(folder, { compilerOptions, files: ['App.tsx'] })).toBe('');
  });

  const node = { types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] };
  const workers = { types: [join(ROOT, 'node_modules/@cloudflare/workers-types')] };
  // The meaning of `moduleResolution: node` before TypeScript 5. It does not read `exports`.
  const node10 = { module: 'commonjs', moduleResolution: 'node10' };
  const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
  // Only these options check the package's own declarations. Checking those of a platform takes long, and they are not
  // part of the project.
  const bare = { lib: ['es2022'], types: [], skipLibCheck: false };
  const dom = { lib: ['es2022', 'dom'], types: [] };

  test.each([
    ['nodenext, bare', { ...nodenext, ...bare }, ['consumer.ts']],
    ['bundler, bare', { ...bundler, ...bare }, ['consumer.ts']],
    ['nodenext, dom', { ...nodenext, ...dom }, ['consumer.ts', 'platform.ts', 'browser.ts']],
    ['bundler, dom', { ...bundler, ...dom }, ['consumer.ts', 'platform.ts', 'browser.ts']],
    ['nodenext, require', { ...nodenext, ...bare }, ['consumer.cts']],
    ['node10, bare', { ...node10, ...bare }, ['consumer.ts']],
    ['node10, dom', { ...node10, ...dom }, ['consumer.ts', 'platform.ts', 'browser.ts']],
    ['nodenext, Node', { ...nodenext, lib: ['es2022'], ...node }, ['consumer.ts', 'platform.ts']],
    ['bundler, Workers', { ...bundler, lib: ['es2022'], ...workers }, ['platform.ts']],
  ])('its types compile with strict: %s', (_, options, files) => {
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
    expect(compile(project, config)).toBe('');
  });
});
