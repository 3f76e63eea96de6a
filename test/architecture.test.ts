import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyZod } from '../scripts/worker-zod-copy.mjs';
import { answers } from './architecture/answers.ts';
import { usesIn } from './architecture/code-rule.ts';
import { database } from './architecture/database.ts';
import {
  circles,
  climbs,
  hiddenImports,
  inexactImports,
  layerOf,
  mutualFolders,
  offences,
} from './architecture/imports.ts';
import { platform } from './architecture/platform.ts';
import { TEST_CLOCK_HEADER } from './support/movable-clock/header.ts';
import { codeFiles, ROOT, readSources, type Source, SRC, sourceOf } from './support/sources.ts';

const MAX_LINES = 320;
/** Generated from the document, so it may be long. */
const GENERATED = 'client/schema.ts';

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

const sources = readSources(SRC);
const outside = (folder: string) => sources.filter(({ path }) => !path.startsWith(`${folder}/`));

describe.each([...answers, ...database, ...platform].map((rule) => [rule.title, rule] as const))(
  'architecture: %s',
  (_, rule) => {
    test('the sources comply', () => {
      expect(usesIn(sources, rule).sort()).toEqual([...rule.allowed].sort());
    });

    test.each(
      rule.caught.map((sample) =>
        typeof sample === 'string' ? ['features/x/routes.ts', sample] : sample,
      ),
    )('%s: %s is a violation', (path, code) => {
      expect(usesIn([sourceOf(path, code)], rule)).not.toEqual([]);
    });

    test.each(rule.fine)('%s is allowed', (code) => {
      expect(usesIn([sourceOf('features/x/routes.ts', code)], rule)).toEqual([]);
    });
  },
);

describe('architecture', () => {
  test('the sources and their imports are found', () => {
    expect(sources.length).toBeGreaterThan(30);
    const listen = sources.find(({ path }) => path === 'runtime/servers/node-listen.ts');
    expect(listen?.imports.map(({ from }) => from)).toContain('@hono/node-server');
    const thread = sources.find(({ path }) => path === 'runtime/ports/hash-thread.js');
    expect(thread?.imports.map(({ from }) => from)).toContain('node:worker_threads');
    const routes = sources.find(({ path }) => path === 'features/passwords/routes.ts');
    expect(routes?.imports).toContainEqual({
      from: 'src/features/passwords/log-in.ts',
      isType: true,
      names: [],
    });
  });

  test('there is no import cycle, including imports of types', () => {
    expect(circles(sources)).toEqual([]);
    const [a, b] = [
      sourceOf('core/a.ts', "import type { B } from './b.ts';"),
      sourceOf('core/b.ts', "import type { A } from './a.ts';"),
    ];
    expect(circles([a, b])).toEqual([['core/a.ts', 'core/b.ts']]);
  });

  test('imports go to the same or a lower layer: core, config, features, app, runtime', () => {
    expect(climbs(sources)).toEqual([]);
    const climbing = sourceOf('core/a.ts', "import type { App } from '../app.ts';");
    expect(climbs([climbing])).toEqual(['core/a.ts -> src/app.ts']);
    const sideways = sourceOf('features/x/a.ts', "import { createDeps } from '../../deps.ts';");
    expect(climbs([sideways])).toHaveLength(1);
  });

  test.each([
    "import { app } from '../../app.ts';",
    "import '../../app.ts';",
    "import { app } from '../../app.js';",
    "import { app } from '../../app';",
    "export { app } from '../../app.ts';",
    "export * from '../../app.ts';",
    "export type { App } from '../../app.ts';",
    "import app = require('../../app.ts');",
    "const { app } = await import('../../deps.ts');",
    'const { app } = await import(`../../deps.ts`);',
    "const { app } = require('../../app.ts');",
    "const at = require.resolve('../../app.ts');",
    "const at = import.meta.resolve('../../app.ts');",
    "type App = import('../../app.ts').App;",
    "type App = typeof import('../../app.ts');",
    "/// <reference path='../../app.ts' />",
  ])('%s imports from a higher layer', (code) => {
    for (const file of ['routes.ts', 'routes.mts', 'climb.js', 'climb.mjs']) {
      expect(climbs([sourceOf(`features/x/${file}`, code)])).toHaveLength(1);
    }
  });

  test('each import spells the exact path of its target', () => {
    expect(hiddenImports(sources)).toEqual([]);
    expect(inexactImports(sources)).toEqual([]);
  });

  test.each([
    'const { app } = await import(path);',
    `const { app } = await import(\`../../\${name}.ts\`);`,
    "const { app } = await import('../../' + name);",
    'const { app } = require(path);',
    "const at = import.meta.resolve('../' + name);",
    "import { app } from '/src/app.ts';",
    "import { app } from '#app';",
    "import { app } from 'file:///src/app.ts';",
    "import { app } from 'data:text/javascript,0';",
    "import { app } from 'https://example.com/app.js';",
    "import { createClient } from 'latchkey/client';",
  ])('the target of %s cannot be checked', (code) => {
    expect(hiddenImports([sourceOf('features/x/climb.js', code)])).toHaveLength(1);
  });

  test.each(['../../app', '../../app.js', '../../app.ts?a', '../users', '..'])(
    'an import of %s does not spell a file name',
    (name) => {
      expect(inexactImports([sourceOf('features/x/a.ts', `import '${name}';`)])).toHaveLength(1);
    },
  );

  test('each source is in a layer or in the client, and is TypeScript outside runtime/', () => {
    const strays = sources.filter(({ path }) => layerOf(path) < 0 && !path.startsWith('client/'));
    expect(strays.map(({ path }) => path)).toEqual([]);
    expect(layerOf('zz/climb.ts')).toBe(-1);
    expect(
      readdirSync(SRC, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
        .map(({ parentPath, name }) => relative(SRC, join(parentPath, name))),
    ).toEqual(['runtime/ports/hash-thread.js']);
  });

  test('no two folders import each other', () => {
    expect(mutualFolders(sources)).toEqual([]);
    const one = sourceOf('features/x/a.ts', "import type { B } from '../y/b.ts';");
    const other = sourceOf('features/y/c.ts', "import type { D } from '../x/d.ts';");
    expect(mutualFolders([one, other])).toEqual(['features/x features/y']);
  });

  test('services, stores, crypto, users, errors and config do not import HTTP', () => {
    const inner = sources.filter(({ path }) =>
      /(service|store|log-in)\.ts$|^core\/(crypto|db)\/|^features\/users\/(user|identifier)\.ts$|^core\/(errors|log|caller|network)\.ts$|^config\//.test(
        path,
      ),
    );
    expect(inner.length).toBeGreaterThan(10);
    const http = /^(hono|@hono\/)|^src\/core\/http\/|\/(routes|contract)\.ts$/;
    expect(offences(inner, (from) => http.test(from))).toEqual([]);
  });

  test('only app.ts imports the routes of features', () => {
    expect(
      offences(
        sources,
        (from, { path }) =>
          /\/routes\.ts$/.test(from) && path !== 'app.ts' && !path.startsWith('core/http/'),
      ),
    ).toEqual([]);
  });

  test('the client imports no other source, and no other source imports it', () => {
    const client = sources.filter(({ path }) => path.startsWith('client/'));
    const isClient = (from: string) => from.startsWith('src/client/');
    expect(client.length).toBeGreaterThan(5);
    expect(offences(client, (from) => !isClient(from))).toEqual([]);
    expect(offences(outside('client'), isClient)).toEqual([]);
  });

  test('src imports no test, script or barrel file', () => {
    expect(offences(sources, (from) => /^(test|scripts|bench)\/|\/index\.ts$/.test(from))).toEqual(
      [],
    );
  });

  test('src reads no time from a request, and its entry points pass no clock', () => {
    const seam = new RegExp(`${TEST_CLOCK_HEADER}|AsyncLocalStorage|async_hooks`, 'i');
    expect(sources.filter(({ text }) => seam.test(text)).map(({ path }) => path)).toEqual([]);
    for (const name of ['node', 'bun', 'deno']) {
      const entry = sources.find(({ path }) => path === `runtime/${name}.ts`);
      expect(entry?.text).toMatch(/^await serve\(runtime\);$/m);
    }
    const worker = sources.find(({ path }) => path === 'runtime/worker.ts');
    expect(worker?.text).toMatch(/^export default createWorkerHandler\(\);$/m);
  });

  test('no runtime makes cheaper password hashes, as tests do', () => {
    const setters = sources.filter(({ text }) => text.includes('hashIterations'));
    expect(setters.map(({ path }) => path)).toEqual(['deps.ts', 'platform.ts']);
  });

  test('each entry point has at most 55 lines, each file at most 320', () => {
    const length = ({ text }: Pick<Source, 'text'>) => text.split('\n').length;
    const filesOf = (folder: string) =>
      codeFiles(join(ROOT, folder)).map((path) => ({
        path: join(folder, path),
        text: readFileSync(join(ROOT, folder, path), 'utf8'),
      }));
    const entries = sources.filter(({ path }) =>
      /^runtime\/(node|bun|deno|worker)\.ts$/.test(path),
    );
    expect(entries).toHaveLength(4);
    expect(entries.filter((entry) => length(entry) > 55).map(({ path }) => path)).toEqual([]);
    const all = [
      ...sources.filter(({ path }) => path !== GENERATED),
      ...filesOf('test'),
      ...filesOf('scripts'),
    ];
    expect(all.filter((source) => length(source) > MAX_LINES).map(({ path }) => path)).toEqual([]);
  });

  test('the Worker’s zod has all exports that the sources use, and is configured', async () => {
    await copyZod();
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
