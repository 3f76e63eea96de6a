// Better Auth, configured as its documentation recommends: https://better-auth.com/docs/installation (better-sqlite3,
// email and password, Hono integration). Also follows its performance guide
// (https://better-auth.com/docs/guides/optimizing-for-performance): indexes, joins, and the cookie cache if
// COOKIE_CACHE=on. The rate limiter is off, because all requests come from one address.
import { serve } from '@hono/node-server';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import Database from 'better-sqlite3';
import { Hono } from 'hono';

const database = new Database(process.env.DATABASE_PATH);
database.pragma('journal_mode = WAL');

const options = {
  baseURL: 'http://127.0.0.1',
  secret: process.env.BETTER_AUTH_SECRET,
  database,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  session: { cookieCache: { enabled: process.env.COOKIE_CACHE === 'on', maxAge: 5 * 60 } },
  advanced: { database: { joins: true } },
};
await (await getMigrations(options)).runMigrations();
for (const [table, column] of [
  ['user', 'email'],
  ['account', 'userId'],
  ['session', 'userId'],
  ['session', 'token'],
  ['verification', 'identifier'],
]) {
  database.exec(
    `CREATE INDEX IF NOT EXISTS "bench_${table}_${column}" ON "${table}" ("${column}")`,
  );
}

const auth = betterAuth(options);
const app = new Hono().on(['POST', 'GET'], '/api/auth/*', (c) => auth.handler(c.req.raw));

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`Better Auth on port ${port}`);
});
