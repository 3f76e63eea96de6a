import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { Api } from '../support/api.ts';
import type { RunningProcess } from '../support/process.ts';
import { run, runProgram } from '../support/program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { startSqld } from '../support/sqld.ts';
import { ROOT } from '../support/targets.ts';

const SCRIPT = join(ROOT, 'scripts/libsql-token.mjs');
const DAY_S = 86_400;

/** Runs the script in an empty folder, without packages. */
const runScript = (...args: readonly string[]) =>
  run([process.execPath, SCRIPT, ...args], emptyFolder());

async function newPair(...args: readonly string[]): Promise<{ key: string; token: string }> {
  const { status, stdout } = await runScript(...args);
  expect([status, stdout.trim().split('\n').length]).toEqual([0, 2]);
  const { SQLD_AUTH_JWT_KEY: key = '', DATABASE_AUTH_TOKEN: token = '' } = parseEnv(stdout);
  return { key, token };
}

/** Starts a libSQL server that has the key of the pair. Stops it when the test ends. */
async function startWithKey(key: string): Promise<string> {
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  return startSqld(emptyFolder(), processes, undefined, { SQLD_AUTH_JWT_KEY: key });
}

async function tryToken(url: string, authToken?: string): Promise<string> {
  const client = createClient({ url, ...(authToken !== undefined && { authToken }) });
  try {
    await client.execute('CREATE TABLE IF NOT EXISTS tried (id INTEGER)');
    return 'accepted';
  } catch (error) {
    return String(error);
  } finally {
    client.close();
  }
}

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** The same token with other claims and the old signature. */
function forged(token: string): string {
  const [header, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ ...claimsOf(token), iat: 1 })).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

test('a libSQL server accepts the token of its key and refuses no token, a forged one and that of another key', async () => {
  const [own, other] = [await newPair(), await newPair()];
  const url = await startWithKey(own.key);
  expect(await tryToken(url, own.token)).toBe('accepted');
  for (const token of [undefined, forged(own.token), other.token]) {
    expect(await tryToken(url, token)).toMatch(/AUTH|401|Unauthorized/i);
  }
});

test('a token with --days has that expiry and is accepted', async () => {
  const { key, token } = await newPair('--days', '30');
  const { iat, exp, a } = claimsOf(token);
  expect([a, Number(exp) - Number(iat)]).toEqual(['rw', 30 * DAY_S]);
  expect(claimsOf((await newPair()).token)).not.toHaveProperty('exp');
  expect(await tryToken(await startWithKey(key), token)).toBe('accepted');
});

test.each([['--days', '0'], ['--days', '3651'], ['--days', 'x'], ['--help-me'], ['more']])(
  'rejects %s %s with exit code 2 and the usage',
  async (...args) => {
    const { status, stdout, stderr } = await runScript(...args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^Usage: /)]);
  },
);

/** The settings of the API in `compose.libsql.yaml`, with these values for its variables. */
function composeSettings(given: Readonly<Record<string, string>>): Record<string, string> {
  const text = readFileSync(join(ROOT, 'compose.libsql.yaml'), 'utf8');
  const file: { services: { api: { environment: Record<string, string> } } } = parse(text, {
    merge: true,
  });
  const filled = Object.entries(file.services.api.environment).map(([name, value]) => [
    name,
    value.replace(/^\$\{(\w+):\?.*\}$/, (_, key: string) => given[key] ?? ''),
  ]);
  return Object.fromEntries(filled);
}

test('with the settings of compose.libsql.yaml, Latchkey migrates the server and serves; with the token of another key, migrate fails', async () => {
  const { key, token } = await newPair();
  const SECRET_KEY = randomBytes(48).toString('base64');
  const compose = composeSettings({ SECRET_KEY, DATABASE_AUTH_TOKEN: token });
  expect(compose).toMatchObject({ APP_ENV: 'production', SECRET_KEY, DATABASE_AUTH_TOKEN: token });
  const settings = { ...compose, DATABASE_URL: await startWithKey(key) };
  const folder = emptyFolder();
  const denied = { ...settings, DATABASE_AUTH_TOKEN: (await newPair()).token };
  const refused = await runProgram('latchkey', ['migrate'], folder, denied);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/AUTH|401/i)]);
  const migrated = await runProgram('latchkey', ['migrate'], folder, settings);
  expect([migrated.status, migrated.stderr]).toEqual([0, '']);
  const own = { HOST: '127.0.0.1', PORT: '0', PASSWORD_ROUNDS: '6' };
  const api = new Api((await startServer('node', folder, { ...settings, ...own })).baseUrl);
  expect((await api.get('/readyz')).status).toBe(200);
  const { bearer } = await api.newAccount();
  expect((await api.get('/profile/me', bearer)).status).toBe(200);
});
