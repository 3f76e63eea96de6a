// Compares the writes that a server has acknowledged with the data that it has stored.
import { createClient } from '@libsql/client';
import { expect, onTestFinished } from 'vitest';
import { Api } from './api.ts';
import { bearerOf, nameOf, type Person } from './attack-load.ts';
import type { AttackTally } from './attack-tally.ts';
import { AS_A_WHOLE, countsIn } from './whole-database.ts';

interface Loss {
  /** A description for the failure message. */
  readonly what: string;
  readonly writes: number;
}

/** How many users also log in with their password. Not all of them, because password hashing is slow. */
const LOG_INS = 6;

/** Requests everything that the server has acknowledged. Counts the lost writes, and throws if there are any. */
export async function expectNothingLost(
  baseUrl: string,
  people: readonly Person[],
  tally: AttackTally,
): Promise<void> {
  const api = new Api(baseUrl);
  const known = people.filter(({ isSignedUp }) => isSignedUp);
  const lost: Loss[] = [];
  const checks = known
    .filter(({ tokens }) => tokens)
    .map((person) => async () => {
      lost.push(...(await lostOf(api, person, tally)));
    });
  for (let i = 0; i < checks.length; i += 8) {
    await Promise.all(checks.slice(i, i + 8).map((check) => check()));
  }
  for (const { email, password } of known.slice(-LOG_INS)) {
    tally.requests += 1;
    const { status, text } = await api.logIn(email, password);
    // A 503 would not show whether the write was kept or lost.
    expect(status).not.toBe(503);
    if (status === 200) tally.acknowledged += 1;
    else lost.push({ what: `the account of ${email}: ${status} ${text}`, writes: 1 });
  }
  for (const { writes } of lost) tally.lost += writes;
  if (lost.length === 0) return;
  throw new Error(['Acknowledged, and not there:', ...lost.map(({ what }) => what)].join('\n- '));
}

async function lostOf(api: Api, person: Person, tally: AttackTally): Promise<Loss[]> {
  const { email, written, sent, tokens } = person;
  tally.requests += 2;
  const profile = await api.get('/profile/me', bearerOf(person));
  expect(profile.status).not.toBe(503);
  if (profile.status !== 200) {
    const what = `the session of ${email}: ${profile.status} ${profile.text}`;
    return [{ what, writes: 1 + written }];
  }
  const lost: Loss[] = [];
  const bio = Number(profile.at('bio'));
  const writes = written - bio;
  if (writes > 0) lost.push({ what: `${writes} writes into the profile of ${email}`, writes });
  expect(bio).toBeLessThanOrEqual(sent);
  // One write sets both members, so they must match.
  if (bio > 0) expect(profile.at('name')).toBe(nameOf(bio));
  const refreshed = await api.json('POST', '/auth/refresh', { refresh_token: tokens?.refresh });
  expect(refreshed.status).not.toBe(503);
  if (refreshed.status !== 200) {
    const what = `a refresh of ${email}: ${refreshed.status} ${refreshed.text}`;
    return [...lost, { what, writes: 1 }];
  }
  tally.acknowledged += 1;
  person.tokens = {
    access: String(refreshed.at('access_token')),
    refresh: String(refreshed.at('refresh_token')),
  };
  return lost;
}

/**
 * Checks the database itself: its integrity, and that there are no partial or duplicate writes and no unknown or
 * missing users.
 *
 * @param others email addresses of users that do not belong to the load
 */
export async function expectWhole(
  url: string,
  people: readonly Person[],
  others: readonly string[] = [],
): Promise<void> {
  const client = createClient({ url });
  onTestFinished(() => client.close());
  const column = async (sql: string) =>
    (await client.execute(sql)).rows.map((row) => String(row[0]));
  expect(await column('PRAGMA integrity_check')).toEqual(['ok']);
  expect(await column('PRAGMA foreign_key_check')).toEqual([]);
  const emails = await column('select email from users');
  client.close();

  expect(await countsIn(url)).toMatchObject(AS_A_WHOLE);
  const asked = new Set([...others, ...people.map(({ email }) => email)]);
  const acknowledged = people.filter(({ isSignedUp }) => isSignedUp).map(({ email }) => email);
  expect(emails.filter((email) => !asked.has(email))).toEqual([]);
  expect(acknowledged.filter((email) => !emails.includes(email))).toEqual([]);
  expect(new Set(emails).size).toBe(emails.length);
}
