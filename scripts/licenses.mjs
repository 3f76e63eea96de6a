import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//g;
const LICENSE = /^(licen[cs]e|notice)/i;

/**
 * Packages without a license file, and the source of their license text: another package by the same authors, or the
 * standard text.
 */
const TEXT_OF = [
  [/^@hono\//, 'hono'],
  [/^drizzle-orm$/, 'swagger-ui-dist'],
];

/**
 * Returns the licenses of all packages whose code is in a bundle, because most licenses require that every copy
 * contains them.
 *
 * @param inputs the paths of the bundled files, relative to `root`
 */
export async function licensesOf(inputs, root) {
  const folders = new Set();
  for (const input of inputs) {
    const last = [...input.matchAll(PACKAGE)].at(-1);
    if (last) folders.add(input.slice(0, last.index + last[0].length));
  }
  const texts = [];
  for (const folder of [...folders].sort()) {
    const path = join(root, folder);
    const { name, version, license } = JSON.parse(
      await readFile(join(path, 'package.json'), 'utf8'),
    );
    const own = await filesIn(path);
    const other = TEXT_OF.find(([pattern]) => pattern.test(name))?.[1];
    const files = own.length > 0 || !other ? own : await filesIn(join(root, 'node_modules', other));
    if (files.length === 0)
      throw new Error(`${name} contains no licence: see scripts/licenses.mjs`);
    const parts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    texts.push(
      [`${name} ${version} (${license})`, ...parts.map((text) => text.trim())].join('\n\n'),
    );
  }
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

async function filesIn(folder) {
  const names = (await readdir(folder)).filter((name) => LICENSE.test(name)).sort();
  return names.map((name) => join(folder, name));
}
