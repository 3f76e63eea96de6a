import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import legacyHashes from '../fixtures/legacy-hashes.json' with { type: 'json' };
import { Api } from './api.ts';
import { run } from './program.ts';
import { emptyFolder, type ServerName, startServer } from './server.ts';
import { ROOT } from './targets.ts';

const PASSWORD = 'analytical engine';
/** The most expensive hashes that the server verifies. */
const SLOW = {
  'bcrypt of cost 14': '$2b$14$V1u3ba6dPreEc1h3RrTILeH175rxinSH7Ec76vZkIDjKOh8iUKGFq',
  'scrypt of 64 MiB twice':
    'scrypt$65536$saltsaltsalt$8$2$21ToT7RpZzsA0pCa8UJaZflkKxjvWY2roqvMDYtbxm/dSHd7NRGVAi5tHpb0ADF4Mb2NSjUvWnicfA1qkqltRQ==',
  'argon2id of 64 MiB in 4 passes':
    '$argon2id$v=19$m=65536,t=4,p=1$cfbcTF/PcGRBVqgB7ufRsA$6uxQOXKsV7Q0c1ZrqFz3ViiyGhpEiR47SpmFrxanrgg',
} as const;
type SlowHash = keyof typeof SLOW;
/** The titles of {@link SLOW}. */
export const SLOW_HASHES: readonly SlowHash[] = [
  'bcrypt of cost 14',
  'scrypt of 64 MiB twice',
  'argon2id of 64 MiB in 4 passes',
];
/** Hashes in the format of Django 6.1 and of the upcoming Django 6.2. */
const DJANGO = {
  'django-6.1@example.com':
    'pbkdf2_sha256$1500000$kQ7vX2mN8pLr4TzW1yBcDe$BkY9kdhKpY4Q2FekJYHnITZsytE6SFGR1AaOW8q4NV8=',
  'django-6.2@example.com':
    'pbkdf2_sha256$1800000$kQ7vX2mN8pLr4TzW1yBcDe$IZ5dmC7kSJp+TSOw1SAScLzuT10f+d7cu4r/Za1is0M=',
};

/** The starts of the sources of some of the fixed hashes; test/long/legacy-users.test.ts logs in with all but the first. */
const REPLACED = [
  // 100 MiB, more than on Workers.
  'Django 5.2.19, argon2',
  'Django 5.2.19, scrypt',
  'better-auth',
  'passlib 1.7.4, phpass',
  'PHP 8.2.36, password_hash as in wp_hash_password',
];

/** Maximum mean latency of a read, in milliseconds. In place, each hash would block the event loop for a second. */
const READ_MS = 60;

const OUTCOMES = join(ROOT, 'test/support/hash-outcomes.ts');
const COMMANDS: Readonly<Record<ServerName, readonly string[]>> = {
  node: [process.execPath, '--import', import.meta.resolve('tsx')],
  bun: [bunPath()],
  deno: [denoPath(), 'run', '-A'],
};

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Starts a server whose database contains users with these legacy hashes. */
async function startWithUsers(name: ServerName, hashes: Readonly<Record<string, string>>) {
  const folder = emptyFolder();
  const server = await startServer(name, folder);
  const client = createClient({ url: `file:${join(folder, 'data/latchkey.db')}`, timeout: 5000 });
  for (const [email, hash] of Object.entries(hashes)) {
    await client.execute({
      sql: 'INSERT INTO users (email, email_normalized, password_hash, created_at, updated_at) VALUES (?, ?, ?, 1, 1)',
      args: [email, email, hash],
    });
  }
  client.close();
  return { api: new Api(server.baseUrl), file: join(folder, 'data/latchkey.db') };
}

/** The stored hash of a user, as it is in the database. */
async function hashOf(file: string, email: string): Promise<unknown> {
  const client = createClient({ url: `file:${file}`, timeout: 5000 });
  const sql = 'SELECT password_hash FROM users WHERE email = ?';
  const { rows } = await client.execute({ sql, args: [email] });
  client.close();
  return rows[0]?.password_hash;
}

/** Tests that logins with these of the most expensive hashes do not delay others, on these runtimes. */
export const describeSlowLogins = (
  names: readonly ServerName[],
  hashes: readonly SlowHash[] = SLOW_HASHES,
): void =>
  describe.each(names)('%s', (name) => {
    test.each(hashes.map((title) => [title, SLOW[title]] as const))(
      '[S57] [S79] while two logins verify %s, reads are not delayed',
      async (_, hash) => {
        const emails = ['one@example.com', 'two@example.com'];
        const { api } = await startWithUsers(
          name,
          Object.fromEntries(emails.map((email) => [email, hash])),
        );
        const { bearer } = await api.newAccount();
        await api.get('/profile/me', bearer);
        let areLogInsDone = false;
        const logIns = Promise.all(emails.map((email) => api.logIn(email, PASSWORD))).finally(
          () => {
            areLogInsDone = true;
          },
        );
        const reads: number[] = [];
        while (!areLogInsDone) {
          const startedAt = performance.now();
          expect((await api.get('/profile/me', bearer)).status).toBe(200);
          reads.push(performance.now() - startedAt);
          await delay(5);
        }
        expect((await logIns).map(({ status }) => status)).toEqual([200, 200]);
        expect(mean(reads)).toBeLessThan(READ_MS);
      },
    );
  });

/** Tests hashes of other systems, and the threads that compute them, on these runtimes. */
export const describeLegacyHashes = (names: readonly ServerName[]): void =>
  describe.each(names)('%s', (name) => {
    test('[S57] a thread that fails, exits or hangs fails only its own login, with 503', async () => {
      const { stdout } = await run([...COMMANDS[name], OUTCOMES], emptyFolder());
      const overloaded = Array(2).fill('AppError: overloaded');
      expect(JSON.parse(stdout)).toEqual({
        outcomes: {
          real: ['true', 'false', 'true'],
          'fails at its start': overloaded,
          'fails at work': overloaded,
          ends: overloaded,
          'answers with something else': overloaded,
          'never answers': overloaded,
        },
        reasons: [
          'Error: at its start',
          'Error: at work',
          'Error: a thread exited',
          'Error: a thread returned no hash',
          'Error: no hash in 1000 ms',
        ].flatMap((reason) => [reason, reason]),
      });
    });

    test('[S79] hashes of other systems verify once, and are replaced', async () => {
      const users = Object.fromEntries(
        legacyHashes
          .filter(({ source }) => REPLACED.some((start) => source?.startsWith(start)))
          .map(({ hash, password }, at) => [`hash-${at}@example.com`, { hash, password }]),
      );
      expect(Object.keys(users)).toHaveLength(REPLACED.length);
      const hashes = Object.entries(users).map(([email, { hash }]) => [email, hash]);
      const { api, file } = await startWithUsers(name, Object.fromEntries(hashes));
      for (const [email, { password }] of Object.entries(users)) {
        expect([email, (await api.logIn(email, `?${password}`)).status]).toEqual([email, 400]);
        expect(await hashOf(file, email)).toBe(users[email]?.hash);
        expect([email, (await api.logIn(email, password)).status]).toEqual([email, 200]);
        expect(await hashOf(file, email)).toMatch(/^\$pbkdf2-sha256-chain\$/);
        expect([email, (await api.logIn(email, password)).status]).toEqual([email, 200]);
      }
    });

    test('[S8] users of Django 6.1 and 6.2 log in', async () => {
      const { api } = await startWithUsers(name, DJANGO);
      for (const email of Object.keys(DJANGO)) {
        expect((await api.logIn(email, `?${PASSWORD}`)).status).toBe(400);
        expect((await api.logIn(email, PASSWORD)).status).toBe(200);
      }
    });
  });
