import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.ts';
import { seedDatabase } from './seed.ts';

/** Well below the idle timeout of sessions, 14 days. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;
const FOLDER = join(ROOT, 'bench/.cache');

export interface CachedDatabase {
  readonly path: string;
  readonly users: number;
}

/**
 * Returns a database with many users. Creates it below `bench/.cache`. Creates it again after a week, and when the
 * migrations change.
 */
export async function cachedDatabase(
  { isQuick }: { readonly isQuick: boolean },
  onStep: (share: number, what: string) => void,
): Promise<CachedDatabase> {
  const users = isQuick ? 100_000 : 1_000_000;
  const path = join(FOLDER, `users-${users}-${schemaHash()}.db`);
  const isFresh = existsSync(path) && Date.now() - statSync(path).birthtimeMs < MAX_AGE_MS;
  if (!isFresh) {
    mkdirSync(FOLDER, { recursive: true });
    for (const name of readdirSync(FOLDER)) {
      if (name.startsWith(`users-${users}-`)) rmSync(join(FOLDER, name));
    }
    const unfinished = `${path}.unfinished`;
    await seedDatabase(unfinished, users, (share) =>
      onStep(share, `making ${users.toLocaleString('en')} users, once`),
    );
    renameSync(unfinished, path);
  }
  // Loads the file into the page cache, so that the benchmark measures the size of the database and not the disk.
  for await (const _ of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    // Only the read matters; its content is not used.
  }
  return { path, users };
}

function schemaHash(): string {
  const folder = join(ROOT, 'drizzle');
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.sql')) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 12);
}
