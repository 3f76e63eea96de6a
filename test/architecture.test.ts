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
  /** Path below `src`, such as `features/sessions/routes.ts`. */
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

const importsOf = (text: string, file: string): Import[] =>
  [...text.matchAll(IMPORT)].map(([, type, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? '';
    const isOwn = name.startsWith('.');
    return {
      from: isOwn ? relative(ROOT, join(dirname(file), name)) : name,
      isType: type !== undefined,
    };
  });

function readSources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const file = join(folder, path);
      const text = readFileSync(file, 'utf8');
      return { path: relative(folder, file), text, imports: importsOf(text, file) };
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

const STOREYS = [/^core\//, /^config\//, /^features\//, /^[^/]+\.ts$/, /^runtime\//];
const storeyOf = (path: string): number => STOREYS.findIndex((storey) => storey.test(path));
const pathOf = ({ from }: Import): string => relative('src', from);
/** A file's folder, as the imports between folders are seen: `features/sessions`, `core/http`. */
const folderOf = (path: string): string =>
  /^(core|features|runtime)\//.test(path)
    ? path.split('/').slice(0, -1).slice(0, 2).join('/')
    : dirname(path);

/** Every circle of files that import each other, the imports of types included. */
function circles(of: readonly Source[]): string[][] {
  const imports = new Map(of.map((source) => [source.path, source.imports.map(pathOf)]));
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push(trail.slice(at));
    if (at >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of of) visit(path, []);
  return found;
}

/** Imports of a higher storey. The client is no storey: it stands alone. */
const climbs = (of: readonly Source[]): string[] =>
  offences(of, (imported, { path }) => {
    const [from, to] = [storeyOf(path), storeyOf(pathOf(imported))];
    return from >= 0 && to > from;
  });

/** Pairs of folders of which each imports the other. */
function mutualFolders(of: readonly Source[]): string[] {
  const arrows = new Set(
    of.flatMap((source) =>
      source.imports
        .filter(({ from }) => from.startsWith('src/'))
        .map((imported) => `${folderOf(source.path)} ${folderOf(pathOf(imported))}`),
    ),
  );
  return [...arrows].filter((arrow) => {
    const [a = '', b = ''] = arrow.split(' ');
    return a < b && arrows.has(`${b} ${a}`);
  });
}

/** Files outside `core/http` that make an answer, which would lose the security headers. To read one is fine. */
const ownAnswers = (of: readonly Source[]): string[] =>
  of
    .filter(({ path }) => !/^(core\/http|client|runtime)\//.test(path))
    .filter(({ text }) =>
      /\bc\.(json|text|html|body)\(|new Response\((?!.*\)\.text\(\))/.test(withoutComments(text)),
    )
    .map(({ path }) => path);

/** Files outside `sign-in` that insert a session. */
const ownSessions = (of: readonly Source[]): string[] =>
  of
    .filter(({ path }) => !path.startsWith('features/sign-in/'))
    .filter(({ text }) => /\binsert\(sessions\)|\binsertSession\b/.test(withoutComments(text)))
    .map(({ path }) => path);

const sourceOf = (path: string, text: string): Source => ({
  path,
  text,
  imports: importsOf(text, join(SRC, path)),
});

describe('architecture', () => {
  test('the walk sees the sources and their imports', () => {
    expect(sources.length).toBeGreaterThan(30);
    const listen = sources.find(({ path }) => path === 'runtime/servers/node-listen.ts');
    expect(listen?.imports.map(({ from }) => from)).toContain('@hono/node-server');
    const routes = sources.find(({ path }) => path === 'features/passwords/routes.ts');
    expect(routes?.imports).toContainEqual({
      from: 'src/features/passwords/log-in.ts',
      isType: true,
    });
  });

  test('no file imports itself by way of others, types included', () => {
    expect(circles(sources)).toEqual([]);
    const [a, b] = [
      sourceOf('core/a.ts', "import type { B } from './b.ts';"),
      sourceOf('core/b.ts', "import type { A } from './a.ts';"),
    ];
    expect(circles([a, b])).toEqual([['core/a.ts', 'core/b.ts']]);
  });

  test('imports go down: core, config, features, app, runtime', () => {
    expect(climbs(sources)).toEqual([]);
    const climbing = sourceOf('core/a.ts', "import type { App } from '../app.ts';");
    expect(climbs([climbing])).toEqual(['core/a.ts -> src/app.ts']);
    const sideways = sourceOf('features/x/a.ts', "import { createDeps } from '../../deps.ts';");
    expect(climbs([sideways])).toHaveLength(1);
  });

  test('no two folders import each other', () => {
    expect(mutualFolders(sources)).toEqual([]);
    const one = sourceOf('features/x/a.ts', "import type { B } from '../y/b.ts';");
    const other = sourceOf('features/y/c.ts', "import type { D } from '../x/d.ts';");
    expect(mutualFolders([one, other])).toEqual(['features/x features/y']);
  });

  test('only core/http makes answers, which have the security headers', () => {
    expect(ownAnswers(sources)).toEqual([]);
    const rogue = sourceOf('features/x/routes.ts', 'add(get, (c) => c.json({}, 200));');
    expect(ownAnswers([rogue])).toEqual(['features/x/routes.ts']);
  });

  test('only core/db/change.ts puts a batch together, in which the order matters', () => {
    const others = outside('runtime').filter(({ path }) => path !== 'core/db/change.ts');
    expect(others.filter(({ text }) => /\.batch\(/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('only sign-in starts sessions', () => {
    expect(ownSessions(sources)).toEqual([]);
    const rogue = sourceOf('features/x/store.ts', 'db.insert(sessions).values(session);');
    expect(ownSessions([rogue])).toEqual(['features/x/store.ts']);
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

  test('besides runtime/, only core/db, stores and statements know drizzle', () => {
    const knows = /^core\/db\/|\/(store|statements|lockout|known)\.ts$/;
    const others = outside('runtime').filter(({ path }) => !knows.test(path));
    expect(offences(others, ({ from }) => from.startsWith('drizzle-orm'))).toEqual([]);
  });

  test('services, stores, crypto, users, errors and config know nothing of HTTP', () => {
    const inner = sources.filter(({ path }) =>
      /(service|store|log-in)\.ts$|^core\/(crypto|db)\/|^features\/users\/(user|identifier)\.ts$|^core\/(errors|log|caller|network)\.ts$|^config\//.test(
        path,
      ),
    );
    expect(inner.length).toBeGreaterThan(10);
    const http = /^(hono|@hono\/)|^src\/core\/http\/|\/(routes|contract)\.ts$/;
    expect(offences(inner, ({ from }) => http.test(from))).toEqual([]);
  });

  test('only app.ts knows the routes of features', () => {
    expect(
      offences(
        sources,
        ({ from }, { path }) =>
          /\/routes\.ts$/.test(from) && path !== 'app.ts' && !path.startsWith('core/http/'),
      ),
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
      expect(entry?.text).toMatch(/^await serve\(runtime\);$/m);
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
