import { expect, test } from 'vitest';
import { HOSTILE_USER, importedUsers, legacyUsers } from '../support/legacy-users.ts';
import type { Part } from './suite.ts';

function userFrom(source: string) {
  const user = importedUsers.find(({ name }) => name.startsWith(source));
  if (!user) throw new Error(`no user from ${source}`);
  return user;
}

export const legacyUserLogins: Part = (api) => {
  test.each(legacyUsers)(
    '[S8] [S79] $name ($email, $phone) logs in, and again after the rehash',
    async (user) => {
      const username = user.email ?? user.phone ?? '';
      expect((await api().logIn(username, `?${user.password}`)).status).toBe(400);
      expect((await api().logIn(username, user.password)).status).toBe(200);
      const again = await api().logIn(username, user.password);
      expect(again.status).toBe(200);
      const profile = await api().get('/profile/me', {
        Authorization: `Bearer ${again.at('access_token')}`,
      });
      expect(profile.body).toMatchObject({
        email: user.email,
        phone: user.phone,
        name: user.name,
        bio: user.bio,
      });
      // The hash is not part of the profile, so a rehash does not change the profile's version.
      expect(profile.headers.get('ETag')).toMatch(/-1"$/);
    },
  );

  test('[S8] after the rehash, all of a long password counts, although bcrypt used only 72 bytes', async () => {
    const user = legacyUsers.find(({ password }) => password.length === 80);
    expect((await api().logIn(user?.phone ?? '', 'x'.repeat(80))).status).toBe(200);
    expect((await api().logIn(user?.phone ?? '', 'x'.repeat(72))).status).toBe(400);
  });

  test('[S79] the rehash replaces the hash of another system, and with it what it let pass', async () => {
    // Better Auth folds ligatures, and WordPress trims.
    for (const start of ['better-auth', 'PHP 8.2.36, password_hash as in wp_hash_password']) {
      const { email, password } = userFrom(start);
      const other = password.normalize('NFKC').trim();
      expect(other).not.toBe(password);
      expect((await api().logIn(email, other)).status).toBe(400);
      expect((await api().logIn(email, password)).status).toBe(200);
    }
  });

  test('[S7] a login against a hostile stored hash fails, and the server keeps running', async () => {
    const answer = await api().logIn(HOSTILE_USER.email, HOSTILE_USER.password);
    expect([answer.status, answer.at('detail')]).toEqual([400, 'Incorrect email or password']);
    expect((await api().get('/readyz')).status).toBe(200);
  });
};
