// An unverified address proves nothing: the attacks that this ends.
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';
const VICTIM = 'victim@example.com';
const NEW_PASSWORD = 'difference engine';

const userOf = async ({ db }: MailRoom, id: number) =>
  (await db.select().from(users).where(eq(users.id, id)))[0];

const reset = async (room: MailRoom, token: string | undefined) =>
  codeOf(await room.post(RESET, { token, new_password: NEW_PASSWORD }));

describe('pre-hijacking: a stranger signs up with the address of somebody else', () => {
  test('a reset by the owner of the address ends the sessions and the password of the stranger', async () => {
    const room = await createMailRoom();
    const stranger = await room.newUser(VICTIM, 'password of the stranger');
    const { tokens } = await room.ask(FORGOT, VICTIM);
    expect(await reset(room, tokens.reset)).toBe(204);
    expect((await room.profile(stranger.token)).status).toBe(401);
    expect(await room.logIn(VICTIM, stranger.password)).toBe(400);
    expect(await room.logIn(VICTIM, NEW_PASSWORD)).toBe(200);
  });

  test('the reset also drops the unverified phone number of the stranger, which could reset it back', async () => {
    const room = await createMailRoom();
    const stranger = await room.newPhoneUser('7760873976', VICTIM);
    const { tokens } = await room.ask(FORGOT, VICTIM);
    room.advance(60);
    const { code } = await room.ask(FORGOT, '7760873976');
    expect(await reset(room, tokens.reset)).toBe(204);
    expect(await userOf(room, stranger.id)).toMatchObject({
      email: VICTIM,
      phone: null,
      phoneNormalized: null,
      phoneVerifiedAt: null,
    });
    const byCode = { username: '7760873976', code, new_password: 'back again 1969' };
    expect(await codeOf(await room.post(RESET, byCode))).toBe('invalid_code');
    await room.received();
    room.advance(60);
    await room.post(FORGOT, { username: '7760873976' });
    expect(await room.received()).toEqual([]);
    // The number is free for its owner.
    expect((await room.newPhoneUser('7760873976')).id).not.toBe(stranger.id);
  });

  test('and it drops an unverified email address, if a phone number is proved', async () => {
    const room = await createMailRoom();
    const { id } = await room.newPhoneUser('7760873976', 'stranger@example.com');
    const { code } = await room.ask(FORGOT, '7760873976');
    const body = { username: '7760873976', code, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
    expect(await userOf(room, id)).toMatchObject({ email: null, emailNormalized: null });
  });

  test('if the stranger has verified a phone number, the message offers only to release the address', async () => {
    const room = await createMailRoom();
    const stranger = await room.newPhoneUser('7760873976', VICTIM);
    await room.verify(stranger.token, 'phone');
    const { to, code, tokens } = await room.ask(FORGOT, VICTIM);
    expect([to, code, Object.keys(tokens)]).toEqual([VICTIM, undefined, ['undo']]);
    expect(await reset(room, tokens.undo)).toBe('invalid_code');

    expect(await codeOf(await room.post('/auth/email/undo', { token: tokens.undo }))).toBe(204);
    expect(await codeOf(await room.post('/auth/email/undo', { token: tokens.undo }))).toBe(
      'invalid_code',
    );
    expect((await room.profile(stranger.token)).status).toBe(401);
    expect(await userOf(room, stranger.id)).toMatchObject({
      email: null,
      emailNormalized: null,
      passwordHash: null,
      disabledAt: null,
    });
    const victim = await room.newUser(VICTIM);
    expect((await room.profile(victim.token)).status).toBe(200);
  });

  test('a login code is not sent to an unverified address', async () => {
    const room = await createMailRoom();
    await room.newUser(VICTIM);
    await room.post('/auth/code', { username: VICTIM });
    expect(await room.received()).toEqual([]);
  });

  test('a link that released an address works for no account that has verified it since', async () => {
    const room = await createMailRoom();
    const { token, id } = await room.newUser();
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    const { tokens } = await room.message();
    room.advance(60);
    await room.verify(token);
    const answer = await room.post('/auth/email/undo', { token: tokens.undo });
    expect(await codeOf(answer)).toBe('invalid_code');
    expect(await userOf(room, id)).toMatchObject({ email: 'ada@example.com', disabledAt: null });
  });
});

describe('pre-hijacking the other way round: the stranger changes to the address of somebody else', () => {
  test('nothing changes until the owner of the address confirms, and the owner can sign up meanwhile', async () => {
    const room = await createMailRoom();
    const stranger = await room.newUser('stranger@example.com');
    await room.post('/auth/email/change', { email: VICTIM }, bearer(stranger.token));
    const { to, tokens, code } = await room.message();
    expect([to, code]).toEqual([VICTIM, undefined]);
    expect((await room.profile(stranger.token)).body.email).toBe('stranger@example.com');
    const victim = await room.newUser(VICTIM);
    expect((await room.profile(victim.token)).body.email).toBe(VICTIM);
    room.advance(60);

    // The link to release it ends the pending change, and no session.
    expect(await codeOf(await room.post('/auth/email/undo', { token: tokens.undo }))).toBe(204);
    const confirm = await room.post('/auth/email/confirm', { token: tokens.change });
    expect(await codeOf(confirm)).toBe('invalid_code');
    expect((await room.profile(stranger.token)).status).toBe(200);
    expect((await room.profile(victim.token)).status).toBe(200);
  });

  test('an address that an account has verified cannot be changed to', async () => {
    const room = await createMailRoom();
    const stranger = await room.newUser('stranger@example.com');
    await room.newVerifiedUser(VICTIM);
    room.advance(3600);
    const token = await room.tokenOf('stranger@example.com', stranger.password);
    const asked = await room.post('/auth/email/change', { email: VICTIM }, bearer(token));
    expect(asked.status).toBe(202);
    const { tokens } = await room.message();
    for (let i = 0; i < 2; i++) {
      const confirm = await room.post('/auth/email/confirm', { token: tokens.change });
      expect(await codeOf(confirm)).toBe('email_taken');
    }
    expect((await room.profile(token)).body.email).toBe('stranger@example.com');
  });

  test('who proves an address that another account merely typed gets it; that account is disabled', async () => {
    const room = await createMailRoom();
    const squatter = await room.newUser(VICTIM);
    const { id, token } = await room.newVerifiedUser('owner@example.com');
    await room.post('/auth/email/change', { email: VICTIM }, bearer(token));
    const { tokens } = await room.message();
    const confirm = await room.post('/auth/email/confirm', { token: tokens.change });
    expect(await codeOf(confirm)).toBe(204);
    expect(await userOf(room, id)).toMatchObject({ email: VICTIM });
    expect((await room.profile(squatter.token)).status).toBe(401);
    expect(await userOf(room, squatter.id)).toMatchObject({
      email: null,
      emailNormalized: null,
      disabledAt: room.deps.clock(),
    });
    expect(await room.logIn(VICTIM, squatter.password)).toBe(200);
  });

  test('… but not if it has another address, by which it stays reachable', async () => {
    const room = await createMailRoom();
    const squatter = await room.newPhoneUser('7760873976', VICTIM);
    const { token } = await room.newVerifiedUser('owner@example.com');
    await room.post('/auth/email/change', { email: VICTIM }, bearer(token));
    const { tokens } = await room.message();
    const confirm = await room.post('/auth/email/confirm', { token: tokens.change });
    expect(await codeOf(confirm)).toBe(204);
    expect(await userOf(room, squatter.id)).toMatchObject({ email: null, disabledAt: null });
    expect((await room.profile(squatter.token)).status).toBe(200);
  });
});

describe('the mistyped address', () => {
  test('its reader can release it, and cannot get the account that has a verified phone number', async () => {
    const room = await createMailRoom();
    const ada = await room.newPhoneUser('7760873976', 'bob@example.com');
    await room.verify(ada.token, 'phone');
    await room.post('/auth/verification', { channel: 'email' }, bearer(ada.token));
    const { to, tokens } = await room.message();
    expect(to).toBe('bob@example.com');
    const release = await room.post('/auth/email/undo', { token: tokens.undo });
    expect(await codeOf(release)).toBe(204);
    const verify = await room.post('/auth/verification/confirm', { token: tokens.verify });
    expect(await codeOf(verify)).toBe('invalid_code');

    expect((await room.profile(ada.token)).status).toBe(401);
    expect(await userOf(room, ada.id)).toMatchObject({
      email: null,
      phone: '7760873976',
      passwordHash: null,
      disabledAt: null,
    });
    room.advance(60);
    const { code } = await room.ask(FORGOT, '7760873976');
    const body = { username: '7760873976', code, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, body))).toBe(204);
    expect(await room.logIn('7760873976', NEW_PASSWORD)).toBe(200);
  });

  test('a reset link that its reader has is void once the account has verified another address', async () => {
    const room = await createMailRoom();
    const ada = await room.newPhoneUser('7760873976', 'bob@example.com');
    const { tokens, code } = await room.ask(FORGOT, 'bob@example.com');
    room.advance(60);
    await room.verify(ada.token, 'phone');
    expect(await reset(room, tokens.reset)).toBe('invalid_code');
    const byCode = { username: 'bob@example.com', code, new_password: NEW_PASSWORD };
    expect(await codeOf(await room.post(RESET, byCode))).toBe('invalid_code');
    expect((await room.profile(ada.token)).status).toBe(200);
  });

  test('the only address released disables the account, and whoever typed it can sign up again', async () => {
    const room = await createMailRoom();
    const { id, token, password } = await room.newUser('bob@example.com');
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    const { tokens } = await room.message();
    const release = await room.post('/auth/email/undo', { token: tokens.undo });
    expect(await codeOf(release)).toBe(204);
    expect((await room.profile(token)).status).toBe(401);
    expect(await room.logIn('bob@example.com', password)).toBe(400);
    expect((await userOf(room, id))?.disabledAt).toBe(room.deps.clock());
    expect((await room.newUser('bob@example.com')).id).not.toBe(id);
  });

  test('a sign-up with an address never verifies it', async () => {
    const room = await createMailRoom();
    const { token } = await room.newPhoneUser('7760873976', 'ada@example.com');
    expect((await room.profile(token)).body).toMatchObject({
      email_verified: false,
      phone_verified: false,
    });
  });
});
