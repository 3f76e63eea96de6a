import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isPrepared } from './sandbox.ts';

/** What a stage has added to its base image. */
export interface Contents {
  /** Paths without a leading slash, of everything but directories. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Bytes by the first two segments of the path, largest first. */
  readonly parts: readonly (readonly [part: string, bytes: number])[];
  /** A hash of all names, modes and contents. */
  readonly digest: string;
}

/** Reads what is below the root of a stage, except for the place of the base image. */
export function readContents(root: string): Contents {
  const files: string[] = [];
  const parts = new Map<string, number>();
  const hash = createHash('sha256');
  const walk = (parent: string): void => {
    for (const name of readdirSync(join(root, parent)).sort()) {
      const path = parent === '' ? name : `${parent}/${name}`;
      if (isPrepared(path)) continue;
      const full = join(root, path);
      const info = lstatSync(full);
      hash.update(`${path}\0${info.mode}\0${info.uid}\0`);
      if (info.isDirectory()) walk(path);
      else {
        files.push(path);
        hash.update(info.isSymbolicLink() ? readlinkSync(full) : readFileSync(full));
        const part = path.split('/').slice(0, 2).join('/');
        parts.set(part, (parts.get(part) ?? 0) + info.size);
      }
    }
  };
  walk('');
  const sorted = [...parts].sort(([, a], [, b]) => b - a);
  const bytes = sorted.reduce((sum, [, size]) => sum + size, 0);
  return { files, bytes, parts: sorted, digest: hash.digest('hex') };
}

/** Decimal megabytes with one digit. */
export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
