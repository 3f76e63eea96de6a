import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceAccount, SourceRead } from '../../src/features/imports/source.ts';
import type { SourceKind } from '../../src/runtime/sources/kind.ts';
import { openSource } from '../../src/runtime/sources/open.ts';
import type { SourceMap } from '../../src/runtime/sources/source-map.ts';
import { emptyFolder } from './server.ts';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Writes a file into a folder of its own. */
export function fileOf(content: string | Uint8Array, name = 'users.txt'): string {
  const path = join(emptyFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** Reads a source to its end. */
export async function readSource(
  kind: SourceKind,
  from: string,
  map?: SourceMap,
): Promise<SourceRead[]> {
  const source = await openSource(kind, from, { map });
  try {
    const reads: SourceRead[] = [];
    for await (const read of source.read()) reads.push(read);
    return reads;
  } finally {
    await source.close();
  }
}

export const accountsIn = async (
  kind: SourceKind,
  from: string,
  map?: SourceMap,
): Promise<SourceAccount[]> => (await readSource(kind, from, map)).map(({ account }) => account);

/** An account without what it does not have, for comparisons. */
export const known = (account: SourceAccount): Partial<SourceAccount> =>
  Object.fromEntries(
    Object.entries(account).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );

export const hashStart = (account: SourceAccount): string =>
  account.passwordHash?.slice(0, 24) ?? '';

/** What the five rows of `pms.db` say, without their hashes. */
export const PMS_ACCOUNTS = [
  { id: '1', email: 'ada@example.com', name: 'Ada Lovelace', bio: 'First programmer.' },
  { id: '2', email: 'Grace.Hopper@example.com', name: 'Grace Hopper' },
  { id: '3', email: 'noname@example.com' },
  { id: '4', email: 'unicode@example.com', name: 'Ünïcode' },
  { id: '5', email: 'ADA@example.com', name: 'x' },
];

/** The same of the four rows of `kpa.sql` and `kpa-users.csv`. */
export const KPA_ACCOUNTS = [
  { id: '1', phone: '7760873976', name: 'Assignment User', email: 'assignment.user@example.com' },
  { id: '2', phone: '9876543210', name: 'Katherine Johnson', email: 'katherine@example.com' },
  { id: '3', phone: '+14155550123', name: 'Dorothy Vaughan' },
  { id: '4', phone: '098765 12345', email: 'Mary.Jackson@Example.com' },
];

/** The beginnings of their hashes, which contain the salts. */
export const KPA_HASHES = [
  '$2b$12$QNRZ6nAt9DniyRecY',
  '$2b$12$K7PWJM4YTBGmV/IQ/',
  '$2b$12$LpV7hosE6LF/KpFHE',
  '$2b$12$zRTmmnvyWtk4hel8m',
];

/** An account without its place and its hash, which other tests compare. */
export function personOf(account: SourceAccount): Partial<SourceAccount> {
  const { place: _, passwordHash: __, ...person } = known(account);
  return person;
}
