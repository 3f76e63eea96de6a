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

/** Sessions end after 14 days without use; well before that the file is made anew. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;
const FOLDER = join(ROOT, 'bench/.cache');

export interface Crowd {
  readonly path: string;
  readonly users: number;
}

/**
 * The database of many users, made once and kept below `bench/.cache`: anew after a week, or when there is
 * another migration.
 */
export async function crowdOf(
  { isQuick }: { readonly isQuick: boolean },
  onStep: (share: number, what: string) => void,
): Promise<Crowd> {
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
  // Into the system's cache: what is measured is the size of the database, and not the disk.
  for await (const _ of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    // Nothing to do with it.
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
