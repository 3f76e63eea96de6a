import { parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';
import { createSealer } from '../crypto/sealer.ts';
import { type RotationResult, rotateKeys } from '../keys/rotate.ts';
import { PUBLISHED_MAX_AGE_SECONDS } from '../keys/signing-key.ts';
import { createSigningKeyStore, type SigningKeyStore } from '../keys/store.ts';
import { ArgumentError, runCommand } from './command.ts';
import { readConfig, readDatabaseConfig } from './environment.ts';
import { openLibsql } from './libsql.ts';

const PURPOSE = `The keys that access tokens are signed with, where ALGORITHM is ES256 or EdDSA.

  npm run keys -- list             shows the keys of DATABASE_URL
  npm run keys -- rotate           puts the next key in the place of the current one
  npm run keys -- rotate --force   the same; where SECRET_KEY does not open the keys, makes new ones

Running servers take the change up within a minute. Tokens of the old key stay good until they end.`;

const MESSAGES: Readonly<Record<RotationResult['outcome'], string>> = {
  made: 'There were no keys yet. A current and a next one have been made.',
  rotated: 'Rotated. Running servers sign with the new key within a minute.',
  replaced: 'New keys have been made, for the old ones did not open.',
  outrun: 'Another rotation was quicker. Nothing has been changed by this one.',
};

/** Of the columns that `list` shows. */
const WIDTHS = [43, 9, 8, 24, 24];

await runCommand({
  purpose: PURPOSE,
  async run(args) {
    const { verb, force } = parse(args);
    const settings = verb === 'list' ? readDatabaseConfig() : readConfig();
    const database = await openLibsql(settings);
    try {
      const store = createSigningKeyStore(database.db);
      if (verb === 'rotate') await rotate(store, force);
      await list(store);
    } finally {
      database.close();
    }
  },
});

function parse(args: readonly string[]): { verb: 'list' | 'rotate'; force: boolean } {
  const options = { force: { type: 'boolean', default: false } } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    const [verb, ...more] = positionals;
    const isKnown = verb === 'rotate' || (verb === 'list' && !values.force);
    if (isKnown && more.length === 0) return { verb, force: values.force };
  } catch {
    // Told below, as any other argument that there is not.
  }
  throw new ArgumentError('Say `list`, `rotate` or `rotate --force`. Try --help.');
}

async function rotate(store: SigningKeyStore, force: boolean): Promise<void> {
  const { algorithm, secretKeys } = readConfig();
  if (algorithm === 'HS256') {
    throw new ConfigError([
      'ALGORITHM: HS256 has no keys but SECRET_KEY. To change it, set SECRET_KEY_PREVIOUS to the old one; for keys that rotate, set ALGORITHM to ES256 or EdDSA',
    ]);
  }
  const sealer = await createSealer(secretKeys);
  const result = await rotateKeys({ algorithm, store, sealer, now: Date.now(), force });
  console.log(MESSAGES[result.outcome]);
  if ('publishedForMs' in result && result.publishedForMs < PUBLISHED_MAX_AGE_SECONDS * 1000) {
    console.log(
      `Others who verify our tokens by /.well-known/jwks.json may not know the new key for up to ${PUBLISHED_MAX_AGE_SECONDS} seconds: it had only just been published.`,
    );
  }
  if (result.outcome === 'outrun') process.exitCode = 1;
}

async function list(store: SigningKeyStore): Promise<void> {
  const keys = await store.list();
  const time = (at: number | null) => (at === null ? '' : new Date(at).toISOString());
  const rows = [
    ['KID', 'ALGORITHM', 'STATE', 'MADE', 'RETIRED'],
    ...keys.map((key) => [
      key.kid,
      key.algorithm,
      key.state,
      time(key.createdAt),
      time(key.retiredAt),
    ]),
  ];
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  if (keys.length === 0) {
    console.log('None yet. They are made at the first start with ALGORITHM=ES256 or EdDSA.');
  }
}
