import { existsSync } from 'node:fs';
import { createSealer } from '../../core/crypto/sealer.ts';
import { ConfigError } from '../../core/errors.ts';
import {
  type RingOptions,
  type RotationResult,
  resealKeys,
  revokeKeys,
  rotateKeys,
} from '../../features/keys/rotate.ts';
import { KEY_PURPOSE, PUBLISHED_MAX_AGE_SECONDS } from '../../features/keys/signing-key.ts';
import { createSigningKeyStore, type SigningKeyStore } from '../../features/keys/store.ts';
import { filePathOf, openLibsql } from '../databases/libsql.ts';
import { readCommandConfig, readDatabaseConfig } from '../ports/environment.ts';
import { type Command, listSettings, runsOnDatabase } from './command.ts';

const PURPOSE = [
  'Manages the keys that sign access tokens if ALGORITHM is ES256 or EdDSA.',
  'Running servers follow a change within a minute.',
  'After a rotation, tokens of the previous key stay valid until they expire.',
].join(' ');

const MESSAGES: Readonly<Record<RotationResult['outcome'], string>> = {
  created: 'There were no keys. Created a current and a next one.',
  rotated: 'Rotated. Running servers sign with the new key within a minute.',
  replaced: 'Created new keys: SECRET_KEY cannot decrypt the old ones.',
  resealed: 'Encrypted with SECRET_KEY. The keys no longer need SECRET_KEY_PREVIOUS.',
  revoked: 'Revoked. Running servers reject tokens of the old keys within a minute.',
  overtaken: 'Another rotation came first. This one changed nothing.',
};

/** Widths of the columns of `list`, in characters. */
const WIDTHS = [43, 9, 8, 24, 24];

/** `latchkey keys list | rotate [--force] | reseal | revoke` */
export const keys: Command = {
  name: 'keys',
  summary: 'List, rotate, reseal or revoke the signing keys.',
  purpose: PURPOSE,
  usage: 'list | rotate [--force] | reseal | revoke',
  define(parser) {
    const list = parser.command('list').description('List the keys in the database.');
    // Like `check`, it accesses only the database.
    listSettings(list, 'check');
    runsOnDatabase(list, () => run('list'));

    const rotate = parser
      .command('rotate')
      .description('Make the next key the current one.')
      .option(
        '--force',
        'Create new keys if SECRET_KEY does not decrypt the old ones. Servers with another secret can then no longer sign.',
      );
    runsOnDatabase(rotate, ({ force = false }: { readonly force?: boolean }) =>
      run('rotate', force),
    );

    const reseal = parser
      .command('reseal')
      .description(
        'Encrypt the keys with SECRET_KEY, so that SECRET_KEY_PREVIOUS can be removed. Every server must have SECRET_KEY by then.',
      );
    runsOnDatabase(reseal, () => run('reseal'));

    const revoke = parser
      .command('revoke')
      .description('Replace all keys, which ends every access token: for a key that has leaked.');
    runsOnDatabase(revoke, () => run('revoke'));

    for (const each of [rotate, reseal, revoke]) listSettings(each, 'keys');
  },
};

async function run(verb: 'list' | 'rotate' | 'reseal' | 'revoke', force = false): Promise<void> {
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
}

/**
 * Returns the function that applies a subcommand to the key ring.
 *
 * @throws ConfigError if the settings do not allow it
 */
async function changeOf(verb: 'rotate' | 'reseal' | 'revoke', force: boolean) {
  const { algorithm, secretKeys } = readCommandConfig('keys');
  if (algorithm === 'HS256') {
    throw new ConfigError([
      'ALGORITHM: HS256 has no keys but SECRET_KEY. To change it, set SECRET_KEY_PREVIOUS to the old one; for keys that rotate, set ALGORITHM to ES256 or EdDSA',
    ]);
  }
  const sealer = await createSealer(secretKeys, KEY_PURPOSE);
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
    ['KID', 'ALGORITHM', 'STATE', 'CREATED', 'RETIRED'],
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
    console.log('No keys. The first start with ALGORITHM=ES256 or EdDSA creates them.');
  }
}
