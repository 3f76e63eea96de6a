import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//g;
const LICENSE = /^(licen[cs]e|notice)/i;

/**
 * Returns the licences of all packages whose code is in a bundle: most require that every copy contains them.
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
    const files = (await readdir(path)).filter((file) => LICENSE.test(file)).sort();
    const parts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')));
    texts.push(
      [`${name} ${version} (${license})`, ...parts.map((text) => text.trim())].join('\n\n'),
    );
  }
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
