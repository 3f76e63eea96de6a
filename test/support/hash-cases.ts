import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hashVectors, REFUSED_HASHES } from './hash-vectors.ts';
import { run } from './program.ts';
import { emptyFolder } from './server.ts';

/** Passwords and hashes, and whether they match. Those in NFC match too; others and other formats do not. */
export const CASES: readonly (readonly [password: string, stored: string, matches: boolean])[] = [
  ...hashVectors().flatMap(({ password, hash }): [string, string, boolean][] => [
    [password, hash, true],
    [password.normalize('NFC'), hash, true],
    [`${password} `, hash, false],
    [password.toUpperCase(), hash, false],
  ]),
  ...REFUSED_HASHES.map((hash): [string, string, boolean] => ['a', hash, false]),
];

/** Writes files into a folder, and runs a command there that prints the results of the cases as a list of JSON. */
export async function resultsOf(files: Record<string, string>, command: readonly string[]) {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(CASES));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const settings = {
    GOCACHE: process.env.GOCACHE ?? join(folder, 'cache'),
    GOFLAGS: '-modcacherw',
  };
  const { status, stdout, stderr } = await run(command, folder, settings, 180_000);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}
