import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSealer } from '../../core/crypto/sealer.ts';
import { ConfigError } from '../../core/errors.ts';
import {
  type RingOptions,
  type RotationResult,
  resealKeys,
  revokeKeys,
  rotateKeys,
} from '../../features/keys/rotate.ts';
import { PUBLISHED_MAX_AGE_SECONDS } from '../../features/keys/signing-key.ts';
import { createSigningKeyStore, type SigningKeyStore } from '../../features/keys/store.ts';
import { filePathOf, openLibsql } from '../databases/libsql.ts';
import { readCommandConfig, readDatabaseConfig } from '../ports/environment.ts';
import { ArgumentError, runCommand } from './command.ts';

const PURPOSE = `The keys that access tokens are signed with, where ALGORITHM is ES256 or EdDSA.

  npm run keys -- list             shows the keys of DATABASE_URL
  npm run keys -- rotate           puts the next key in the place of the current one
  npm run keys -- rotate --force   the same; where SECRET_KEY does not open the keys, makes new ones.
                                   Servers that run with another secret can sign no more
  npm run keys -- reseal           seals the keys with SECRET_KEY, so that SECRET_KEY_PREVIOUS can go.
                                   Every server must know SECRET_KEY by then
  npm run keys -- revoke           makes all keys anew and forgets the old ones: every access token ends.
                                   For when somebody else has them

Running servers take a change up within a minute. After a rotation, tokens of the old key stay good until
they end.`;

const MESSAGES: Readonly<Record<RotationResult['outcome'], string>> = {
  created: 'There were no keys yet. A current and a next one have been made.',
  rotated: 'Rotated. Running servers sign with the new key within a minute.',
  replaced: 'New keys have been made, for SECRET_KEY did not open the old ones.',
  resealed: 'Sealed with SECRET_KEY. SECRET_KEY_PREVIOUS is not needed for the keys any more.',
  revoked: 'Revoked. Running servers refuse tokens of the old keys within a minute.',
  overtaken: 'Another rotation was quicker. Nothing has been changed by this one.',
};

const VERBS = ['list', 'rotate', 'reseal', 'revoke'] as const;

/** Widths of the columns of `list`, in characters. */
const WIDTHS = [43, 9, 8, 24, 24];

await runCommand({
  purpose: PURPOSE,
  async run(args) {
    const { verb, force } = parse(args);
    const { databaseUrl, databaseAuthToken } = readDatabaseConfig();
    const path = filePathOf(databaseUrl);
    if (path !== undefined && !existsSync(path)) {
      throw new ConfigError([`DATABASE_URL: there is no database at ${path}`]);
    }
    const change = verb === 'list' ? undefined : await changeOf(verb, force);
    const database = await openLibsql({ databaseUrl, databaseAuthToken });
    try {
      const store = createSigningKeyStore(database.db);
      if (change) report(await change(store));
      await list(store);
    } finally {
      database.close();
    }
  },
});

function parse(args: readonly string[]): { verb: (typeof VERBS)[number]; force: boolean } {
  const options = { force: { type: 'boolean', default: false } } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    const verb = VERBS.find((known) => known === positionals[0]);
    const isWhole = positionals.length === 1 && (!values.force || verb === 'rotate');
    if (verb && isWhole) return { verb, force: values.force };
  } catch {
    // Reported below, like every other unknown argument.
  }
  throw new ArgumentError(
    'Say `list`, `rotate`, `rotate --force`, `reseal` or `revoke`. Try --help.',
  );
}

/** Returns the function that applies a verb to the key ring. @throws ConfigError if the settings do not allow it */
async function changeOf(verb: 'rotate' | 'reseal' | 'revoke', force: boolean) {
  const { algorithm, secretKeys } = readCommandConfig();
  if (algorithm === 'HS256') {
    throw new ConfigError([
      'ALGORITHM: HS256 has no keys but SECRET_KEY. To change it, set SECRET_KEY_PREVIOUS to the old one; for keys that rotate, set ALGORITHM to ES256 or EdDSA',
    ]);
  }
  const sealer = await createSealer(secretKeys);
  return (store: SigningKeyStore): Promise<RotationResult> => {
    const options: RingOptions = { algorithm, store, sealer, now: Date.now() };
    if (verb === 'reseal') return resealKeys(options);
    if (verb === 'revoke') return revokeKeys(options);
    return rotateKeys({ ...options, force });
  };
}

function report(result: RotationResult): void {
  console.log(MESSAGES[result.outcome]);
  if ('publishedForMs' in result && result.publishedForMs < PUBLISHED_MAX_AGE_SECONDS * 1000) {
    console.log(
      `Others who verify our tokens by /.well-known/jwks.json may not know the new key for up to ${PUBLISHED_MAX_AGE_SECONDS} seconds: it had only just been published.`,
    );
  }
  if (result.outcome === 'overtaken') process.exitCode = 1;
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
