import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { expect, onTestFinished } from 'vitest';
import { type Account, Api } from './api.ts';
import { png } from './pictures.ts';
import { attackSeed, seededNumbers } from './seeded.ts';
import { BRISK_SERVERS, emptyFolder, type ServerName, startServer } from './server.ts';

const SETTINGS = {
  DATABASE_URL: 'file:./x.db',
  SECRET_KEY: 'a secret that outlives its servers',
  SEED_DEMO_USER: 'false',
};
const USERS = 6;
const LONGEST_ROUND_MS = 400;
const MAX_ROUNDS = 25;
const SHOWN = 'select avatar_key as key from users where avatar_key is not null order by 1';
const PENDING = 'update avatars set remove_at = remove_at - 3600000 where remove_at is not null';

/** A user who changes the picture again and again, as long as the server answers. */
class Uploader {
  readonly account: Account;
  /** What was acknowledged last, and whether a request after it was not answered. */
  last: { readonly url: unknown; readonly isCertain: boolean } = { url: null, isCertain: true };
  changes = 0;

  constructor(account: Account) {
    this.account = account;
  }

  async run(api: Api, random: () => number): Promise<void> {
    for (;;) {
      const { bearer } = this.account;
      const isRemoval = random() < 0.2;
      const body = png({
        seed: Math.floor(random() * 256),
        width: 64 + Math.floor(random() * 400),
        level: 0,
      });
      this.last = { ...this.last, isCertain: false };
      try {
        const headers = { ...bearer, 'Content-Type': 'image/png' };
        const answer = isRemoval
          ? await api.request('DELETE', '/profile/me/avatar', { headers: bearer })
          : await api.request('PUT', '/profile/me/avatar', { headers, body });
        expect([200, 204]).toContain(answer.status);
        this.last = { url: isRemoval ? null : answer.at('avatar_url'), isCertain: true };
        this.changes += 1;
      } catch (error) {
        if (error instanceof TypeError) return;
        throw error;
      }
    }
  }
}

/**
 * Kills a server repeatedly while users set and remove pictures, at seeded random moments. After each restart, every
 * shown picture must have its file, and every acknowledged change must be there. After the next run of housekeeping, an
 * hour later, the files are exactly those that accounts show.
 */
export async function killDuringUploads(name: ServerName, rounds: number): Promise<void> {
  const seed = attackSeed();
  console.log(`${name}: the seed of the kills is ${seed}`);
  const random = seededNumbers(seed);
  const folder = emptyFolder();
  const avatars = join(folder, 'avatars');
  let server = await startServer(name, folder, SETTINGS, BRISK_SERVERS);
  const db = createClient({ url: `file:${join(folder, 'x.db')}` });
  onTestFinished(() => db.close());
  const read = async (query: string): Promise<string[]> =>
    (await db.execute(query)).rows.map(({ key }) => String(key));
  const filesNow = (): string[] =>
    readdirSync(avatars)
      .filter((file) => !file.startsWith('.'))
      .sort();

  const users: Uploader[] = [];
  for (let i = 0; i < USERS; i++) {
    users.push(new Uploader(await new Api(server.baseUrl).newAccount()));
  }
  let leftovers = 0;
  // Further rounds until a kill has met an upload.
  for (let round = 0; round < rounds || (leftovers === 0 && round < MAX_ROUNDS); round++) {
    const api = new Api(server.baseUrl);
    const running = Promise.all(users.map((user) => user.run(api, random)));
    const before = users.reduce((sum, { changes }) => sum + changes, 0);
    while (users.reduce((sum, { changes }) => sum + changes, 0) === before) await delay(5);
    await delay(random() * LONGEST_ROUND_MS);
    server.kill('SIGKILL');
    expect(await server.exit).toBe('SIGKILL');
    await running;

    const shown = await read(SHOWN);
    for (const key of shown) expect([key, existsSync(join(avatars, key))]).toEqual([key, true]);
    expect(await read('select key from avatars where remove_at is null order by 1')).toEqual(shown);
    const rows = await read('select key from avatars');
    expect(filesNow().filter((file) => !rows.includes(file))).toEqual([]);
    leftovers += rows.length - shown.length;

    server = await startServer(name, folder, SETTINGS, BRISK_SERVERS);
    const again = new Api(server.baseUrl);
    for (const { account, last } of users) {
      const url = (await again.get('/profile/me', account.bearer)).at('avatar_url');
      const [path, expected] = [url, last.url].map((each) => each && new URL(`${each}`).pathname);
      if (last.isCertain) expect(path).toBe(expected);
      if (typeof path === 'string') expect((await again.get(path)).status).toBe(200);
    }
    await db.execute(PENDING);
    await expect.poll(filesNow, { timeout: 10_000 }).toEqual(shown);
    await expect.poll(() => read('select key from avatars order by 1')).toEqual(shown);
  }
  expect(leftovers).toBeGreaterThan(0);
  expect(server.output()).not.toMatch(/internal_error|files_unavailable|avatar_not_deleted/);
  await server.stop();
}
