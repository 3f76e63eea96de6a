import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TEST_CLOCK_HEADER } from './support/movable-clock/header.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const MAX_LINES = 320;
/** Made by a program from the document, for a program: nobody reads it through. */
const GENERATED = 'client/schema.ts';

interface Source {
  /** Path below `src`, such as `auth/routes.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

interface Import {
  /** A package's name, or a path below the project for one of our own files. */
  readonly from: string;
  readonly isType: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

function readSources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const file = join(folder, path);
      const text = readFileSync(file, 'utf8');
      const imports = [...text.matchAll(IMPORT)].map(([, type, from, bare, dynamic]) => {
        const name = from ?? bare ?? dynamic ?? '';
        const isOwn = name.startsWith('.');
        return {
          from: isOwn ? relative(ROOT, join(dirname(file), name)) : name,
          isType: type !== undefined,
        };
      });
      return { path: relative(folder, file), text, imports };
    });
}

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

const sources = readSources(SRC);
const outside = (folder: string) => sources.filter(({ path }) => !path.startsWith(`${folder}/`));

/** Each import that breaks a rule, as `file -> import`. */
const offences = (of: readonly Source[], isOffence: (of: Import, source: Source) => boolean) =>
  of.flatMap((source) =>
    source.imports
      .filter((imported) => isOffence(imported, source))
      .map(({ from }) => `${source.path} -> ${from}`),
  );

describe('architecture', () => {
  test('the walk sees the sources and their imports', () => {
    expect(sources.length).toBeGreaterThan(30);
    const listen = sources.find(({ path }) => path === 'runtime/node-listen.ts');
    expect(listen?.imports.map(({ from }) => from)).toContain('@hono/node-server');
    const routes = sources.find(({ path }) => path === 'auth/routes.ts');
    expect(routes?.imports).toContainEqual({
      from: 'src/features/sign-in/service.ts',
      isType: true,
    });
  });

  test('only runtime/ knows a driver, a runtime or the environment', () => {
    const platform =
      /^(node:|bun|@libsql\/|libsql$|drizzle-orm\/(libsql|d1)|@hono\/node-server|@cloudflare\/)/;
    expect(offences(outside('runtime'), ({ from }) => platform.test(from))).toEqual([]);
    const globals = /\bprocess\.|\b(Deno|Bun)\.|\bBuffer\./;
    expect(
      outside('runtime')
        .filter(({ text }) => globals.test(withoutComments(text)))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test('nothing imports runtime/', () => {
    expect(offences(outside('runtime'), ({ from }) => from.startsWith('src/runtime/'))).toEqual([]);
  });

  test('besides runtime/, only db/ and stores know drizzle', () => {
    const others = outside('runtime').filter(({ path }) => !/^db\/|\/store\.ts$/.test(path));
    expect(offences(others, ({ from }) => from.startsWith('drizzle-orm'))).toEqual([]);
  });

  test('services, stores, crypto, users, errors and config know nothing of HTTP', () => {
    const inner = sources.filter(({ path }) =>
      /service\.ts$|store\.ts$|^(crypto|db)\/|^users\/(user|identifier)\.ts$|^(errors|config|log|deps)\.ts$/.test(
        path,
      ),
    );
    expect(inner.length).toBeGreaterThan(10);
    const http = /^(hono|@hono\/)|^src\/http\/|\/(routes|contract)\.ts$/;
    expect(offences(inner, ({ from }) => http.test(from))).toEqual([]);
  });

  test('a feature uses another feature’s service only through what it is handed', () => {
    expect(
      offences(sources, ({ from, isType }, { path }) => {
        if (isType || !from.endsWith('/service.ts')) return false;
        return path !== 'app.ts' && dirname(from) !== join('src', dirname(path));
      }),
    ).toEqual([]);
  });

  test('arrows never point back: only app.ts knows the routes, nothing but runtime/ knows app.ts', () => {
    expect(offences(outside('runtime'), ({ from }) => from === 'src/app.ts')).toEqual([]);
    expect(
      offences(sources, ({ from }, { path }) => /\/routes\.ts$/.test(from) && path !== 'app.ts'),
    ).toEqual([]);
  });

  test('the client stands alone: it imports nothing of others, and nothing imports it', () => {
    const client = sources.filter(({ path }) => path.startsWith('client/'));
    const isClient = ({ from }: Import) => from.startsWith('src/client/');
    expect(client.length).toBeGreaterThan(5);
    expect(offences(client, (imported) => !isClient(imported))).toEqual([]);
    expect(offences(outside('client'), isClient)).toEqual([]);
  });

  test('src imports no test, no script and no barrel', () => {
    expect(
      offences(sources, ({ from }) => /^(test|scripts|bench)\/|\/index\.ts$/.test(from)),
    ).toEqual([]);
  });

  test('src takes no time from a request, and its entries give no clock', () => {
    const seam = new RegExp(`${TEST_CLOCK_HEADER}|AsyncLocalStorage|async_hooks`, 'i');
    expect(sources.filter(({ text }) => seam.test(text)).map(({ path }) => path)).toEqual([]);
    for (const name of ['node', 'bun', 'deno']) {
      const entry = sources.find(({ path }) => path === `runtime/${name}.ts`);
      expect(entry?.text).toMatch(/^await serve\(host\);$/m);
    }
    const worker = sources.find(({ path }) => path === 'runtime/worker.ts');
    expect(worker?.text).toMatch(/^export default createWorkerHandler\(\);$/m);
  });

  test('each entry is about 40 lines, no file over about 300', () => {
    const length = ({ text }: Source) => text.split('\n').length;
    const entries = sources.filter(({ path }) =>
      /^runtime\/(node|bun|deno|worker)\.ts$/.test(path),
    );
    expect(entries).toHaveLength(4);
    expect(entries.filter((entry) => length(entry) > 55).map(({ path }) => path)).toEqual([]);
    const all = [
      ...sources.filter(({ path }) => path !== GENERATED),
      ...readSources(join(ROOT, 'test')),
      ...readSources(join(ROOT, 'scripts')),
    ];
    expect(all.filter((source) => length(source) > MAX_LINES).map(({ path }) => path)).toEqual([]);
  });

  test('the Worker’s zod has all that we write with, and it is in use', async () => {
    const { z } = (await import(join(ROOT, 'scripts/worker-zod.mjs'))) as { z: object };
    const names = sources.flatMap(({ text }) =>
      [...withoutComments(text).matchAll(/\bz\s*\.\s*(\w+)/g)].map(([, name]) => name ?? ''),
    );
    const isType = (name: string) => name === 'infer';
    const used = new Set(names.filter((name) => !isType(name)));
    expect([...used]).toEqual(expect.arrayContaining(['object', 'string']));
    expect([...used].filter((name) => !(name in z))).toEqual([]);
    expect(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')).toMatch(
      /^"zod" = ".\/scripts\/worker-zod.mjs"$/m,
    );
  });
});
