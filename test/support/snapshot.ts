import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Lists every file below a folder, with its mode, modification time, size and a digest of its content. */
export function snapshotOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      const { mode, mtimeMs, size } = statSync(path);
      const content = statSync(path).isFile() ? readFileSync(path) : '';
      const digest = createHash('sha256').update(content).digest('hex');
      return [name, [mode.toString(8), mtimeMs, size, digest].join(' ')];
    }),
  );
}
