// Sign-ups with an address that another account has replaced.
import { expect, test } from 'vitest';
import { knownNetworks } from '../../src/core/db/account-schema.ts';
import { codeOf, createMailRoom, HERE } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const RESERVED = '+917760873976';
const ATTACKER = '192.0.2.66';

/** A room in which somebody has replaced the verified number {@link RESERVED}. */
async function createRoom() {
  const room = await createMailRoom();
  const mallory = await room.newPhoneUser(RESERVED);
  await room.verify(mallory.token, 'phone');
  await room.post('/auth/phone/change', { phone: '+917760873977' }, bearer(mallory.token));
  const { code } = await room.message();
  await room.post('/auth/phone/confirm', { code }, bearer(mallory.token));
  await room.received();
  const signUp = async (email: string, from: string) =>
    codeOf(
      await room.post(
        '/api/v1/auth/signup',
        { phone: RESERVED, email, password: 'analytical engine' },
        {},
        from,
      ),
    );
  return { ...room, signUp };
}

test('a rejected sign-up makes its network known to no account', async () => {
  const room = await createRoom();
  const { id } = await room.newUser('ada@example.com');
  expect(await room.signUp('ada@example.com', ATTACKER)).toBe('phone_taken');
  const known = (await room.db.select().from(knownNetworks)).filter(({ userId }) => userId === id);
  expect(known.map(({ network }) => network)).not.toContain(ATTACKER);
});

test('a rejected sign-up does not tell whether its other address has an account', async () => {
  const room = await createRoom();
  await room.newUser('ada@example.com');
  expect(await room.signUp('ada@example.com', HERE)).toBe('phone_taken');
  expect(await room.signUp('nobody@example.com', HERE)).toBe('phone_taken');
});
