import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { decodeProtectedHeader } from 'jose';
import { createSealer } from '../../src/core/crypto/sealer.ts';
import { createLogger } from '../../src/core/log.ts';
import { createKeyRing } from '../../src/features/keys/ring.ts';
import { rotateKeys } from '../../src/features/keys/rotate.ts';
import { type AsymmetricAlgorithm, KEY_PURPOSE } from '../../src/features/keys/signing-key.ts';
import { createSigningKeyStore, type SigningKeyStore } from '../../src/features/keys/store.ts';
import { createAccessTokens } from '../../src/features/sessions/access-token.ts';
import { MIGRATIONS } from './test-app.ts';

export const LIFETIME_SECONDS = 600;
export const SECRET = 'the secret that the ring is made with';
export const SUBJECT = { userId: 7, sessionId: 'c2Vzc2lvbg' };
/** Long after the tokens of every test expire. */
const NOT_AFTER = Date.UTC(2027, 0);
export const algorithms: AsymmetricAlgorithm[] = ['ES256', 'EdDSA'];

/** Creates a database for a key ring, with its own clock. */
export async function createKeyRoom(algorithm: AsymmetricAlgorithm = 'ES256') {
  const client = createClient({ url: ':memory:' });
  const db = drizzle({ client });
  await migrate(db, { migrationsFolder: MIGRATIONS });
  let now = Date.UTC(2026, 0, 1, 12);
  let reads = 0;
  const store = createSigningKeyStore(db);
  const countingStore: SigningKeyStore = {
    ...store,
    list: (of) => {
      reads++;
      return store.list(of);
    },
  };
  const logs: string[] = [];
  const log = createLogger('info', (line) => logs.push(line));
  const clock = () => now;

  return {
    db,
    store,
    logs,
    close: () => client.close(),
    reads: () => reads,
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
    /** Creates the keys and the token issuer of one server that uses this database. */
    async server(...secrets: string[]) {
      const [newest = SECRET, ...older] = secrets;
      const sealer = await createSealer([newest, ...older], KEY_PURPOSE);
      const tokenLifetimeSeconds = LIFETIME_SECONDS;
      const keys = createKeyRing({
        algorithm,
        store: countingStore,
        sealer,
        log,
        clock,
        tokenLifetimeSeconds,
      });
      const tokens = createAccessTokens({
        keys,
        issuer: 'latchkey',
        audience: 'latchkey',
        lifetimeSeconds: LIFETIME_SECONDS,
        clock,
      });
      const issue = async () =>
        (await tokens.issue({ ...SUBJECT, authTime: 0, notAfter: NOT_AFTER })).token;
      const kid = async () => decodeProtectedHeader(await issue()).kid;
      return { keys, tokens, issue, kid };
    },
    /** Returns the options for the functions that change the key ring. */
    async options(...secrets: [string, ...string[]]) {
      return { algorithm, store, sealer: await createSealer(secrets, KEY_PURPOSE), now };
    },
    async rotate(options: { secret?: string; force?: boolean } = {}) {
      const sealer = await createSealer([options.secret ?? SECRET], KEY_PURPOSE);
      return rotateKeys({ algorithm, store, sealer, now, force: options.force ?? false });
    },
    states: async () => (await store.list()).map(({ state }) => state),
  };
}
