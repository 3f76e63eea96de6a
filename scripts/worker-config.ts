import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface WorkerConfigOptions {
  /** The folder of wrangler.toml, to which its paths are relative. */
  readonly root: string;
  /** The folder of the copy, which is created if missing. Contains nothing else, because wrangler watches it. */
  readonly folder: string;
  /** More sections to omit. */
  readonly without?: readonly string[];
  /** Replaces `compatibility_date`. */
  readonly compatibilityDate?: string | undefined;
}

/**
 * Writes a copy of wrangler.toml without its build command, for `wrangler dev`. With a build command, `wrangler dev`
 * builds twice: it mistakes its first read of the watched folder for a change, and restarts the Worker.
 *
 * @returns the path of the copy
 */
export function writeWorkerConfig(options: WorkerConfigOptions): string {
  const { root, folder, without = [], compatibilityDate } = options;
  const sections = readFileSync(join(root, 'wrangler.toml'), 'utf8').split(/^(?=\[)/m);
  const left = sections.filter(
    (part) => !['build', ...without].some((name) => part.startsWith(`[${name}]`)),
  );
  const at = (relative: string) => JSON.stringify(join(root, relative));
  const absolute = left.join('').replaceAll(/"(\.\/[^"]+)"/g, (_, relative) => at(relative));
  const dated =
    compatibilityDate === undefined
      ? absolute
      : absolute.replace(
          /^compatibility_date = .*$/m,
          `compatibility_date = ${JSON.stringify(compatibilityDate)}`,
        );
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'wrangler.toml');
  writeFileSync(path, dated);
  return path;
}
