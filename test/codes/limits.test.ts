// How often messages are sent, and that no answer tells.
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom, HERE, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const FORGOT = '/auth/password/forgot';
const EMAIL = 'ada@example.com';
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MILLISECOND = 0.001;

/** Sends a request. Returns its answer, without what differs between any two, and how many messages came of it. */
async function ask(room: MailRoom, path: string, username: string, address?: string) {
  const answer = await room.post(path, { username }, {}, address);
  const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id');
  const shape = JSON.stringify([answer.status, headers, await answer.text()]);
  return { shape, sent: (await room.received()).length };
}

/** Sends a request several times. Returns how many messages came of it. Every answer must be the same. */
async function askTimes(room: MailRoom, count: number, path: string, name: string, pause = 0) {
  const shapes = new Set<string>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    const { shape, sent } = await ask(room, path, name);
    shapes.add(shape);
    total += sent;
    room.advance(pause);
  }
  expect(shapes.size).toBe(1);
  return total;
}

describe('messages to one address and account', () => {
  test('at most one a minute is sent, to the millisecond, and every answer is the same', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    expect(await askTimes(room, 4, FORGOT, EMAIL)).toBe(1);
    room.advance(MINUTE - MILLISECOND);
    expect((await ask(room, FORGOT, EMAIL)).sent).toBe(0);
    room.advance(MILLISECOND);
    expect((await ask(room, FORGOT, EMAIL)).sent).toBe(1);
  });

  test('at most five an hour are sent', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    expect(await askTimes(room, 8, FORGOT, EMAIL, MINUTE)).toBe(5);
    room.advance(HOUR - 8 * MINUTE);
    expect((await ask(room, FORGOT, EMAIL)).sent).toBe(1);
  });

  test('an account counts as one, whichever of its addresses and whichever kind of message', async () => {
    const room = await createMailRoom();
    const { token, phone } = await room.newPhoneUser('7760873976', EMAIL);
    await room.verify(token);
    room.advance(HOUR);
    const kinds = [
      [FORGOT, EMAIL],
      ['/auth/code', EMAIL],
      [FORGOT, phone],
    ] as const;
    const sent: number[] = [];
    for (const [path, name] of kinds) sent.push((await ask(room, path, name)).sent);
    expect(sent).toEqual([1, 0, 0]);
  });

  test('a verification counts with the requests of the owner, and answers 202 beyond the limit', async () => {
    const room = await createMailRoom();
    const { token } = await room.newUser(EMAIL);
    const verify = () => room.post('/auth/verification', { channel: 'email' }, bearer(token));
    for (const count of [1, 0]) {
      const answer = await verify();
      expect([answer.status, await answer.json()]).toEqual([202, {}]);
      expect(await room.received()).toHaveLength(count);
    }
  });

  test('strangers cannot use up what the owner has left, from a network of the account', async () => {
    const room = await createMailRoom();
    const { token, password } = await room.newUser(EMAIL);
    expect(await room.logIn(EMAIL, password, '198.51.100.1')).toBe(200);
    expect(await askTimes(room, 8, FORGOT, EMAIL, MINUTE)).toBe(5);
    expect((await ask(room, FORGOT, EMAIL, '198.51.100.1')).sent).toBe(1);
    expect((await ask(room, FORGOT, EMAIL, '198.51.100.1')).sent).toBe(0);
    room.advance(MINUTE);
    // Nor can they keep a user who is logged in from verifying or changing an address.
    await room.post('/auth/verification', { channel: 'email' }, bearer(token));
    expect(await room.received()).toHaveLength(1);
    room.advance(MINUTE);
    const fresh = await room.tokenOf(EMAIL, password, '198.51.100.1');
    await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(fresh));
    expect((await room.received()).map(({ to }) => to)).toEqual(['new@example.com']);
  });

  test('and a network that the account has not used for 90 days is one of strangers', async () => {
    const room = await createMailRoom();
    const { password } = await room.newUser(EMAIL);
    await room.logIn(EMAIL, password, '198.51.100.1');
    room.advance(90 * DAY);
    expect((await ask(room, FORGOT, EMAIL, HERE)).sent).toBe(1);
    expect((await ask(room, FORGOT, EMAIL, '198.51.100.1')).sent).toBe(0);
  });

  test('an address that somebody else enters gets five an hour, from however many accounts', async () => {
    const room = await createMailRoom();
    let sent = 0;
    for (let i = 0; i < 7; i++) {
      const { token } = await room.newUser(`eve${i}@example.com`);
      await room.post('/auth/email/change', { email: 'victim@example.com' }, bearer(token));
      sent += (await room.received()).length;
      room.advance(MINUTE);
    }
    expect(sent).toBe(5);
  });

  test('requests at once send one message', async () => {
    const room = await createMailRoom();
    await room.newUser(EMAIL);
    await Promise.all(Array.from({ length: 20 }, () => room.post(FORGOT, { username: EMAIL })));
    expect(await room.received()).toHaveLength(1);
  });
});

describe('RATE_LIMIT_MESSAGES', () => {
  test('limits a network, whomever it asks for, and the answer is the same', async () => {
    const room = await createMailRoom({ RATE_LIMIT_MESSAGES: '3/1h' });
    for (let i = 0; i < 5; i++) await room.newUser(`ada${i}@example.com`);
    const shapes = new Set<string>();
    const sent: number[] = [];
    for (let i = 0; i < 5; i++) {
      const answer = await ask(room, FORGOT, `ada${i}@example.com`);
      shapes.add(answer.shape);
      sent.push(answer.sent);
    }
    expect(sent).toEqual([1, 1, 1, 0, 0]);
    expect(shapes.size).toBe(1);
    expect((await ask(room, FORGOT, 'ada4@example.com', '198.51.100.1')).sent).toBe(1);
    room.advance(HOUR);
    expect((await ask(room, FORGOT, 'ada3@example.com')).sent).toBe(1);
  });

  test('counts requests for unknown names as well', async () => {
    const room = await createMailRoom({ RATE_LIMIT_MESSAGES: '3/1h' });
    await room.newUser(EMAIL);
    await askTimes(room, 3, FORGOT, 'nobody@example.com', MINUTE);
    // The first of these three is counted; the others are beyond the limit of the address.
    expect((await ask(room, FORGOT, EMAIL)).sent).toBe(0);
  });
});

describe('text messages', () => {
  const phoneRoom = async (settings: Record<string, string>, phone = '7760873976') => {
    const room = await createMailRoom(settings);
    return { ...room, account: await room.newPhoneUser(phone) };
  };

  test('go to the country of DEFAULT_PHONE_REGION alone by default', async () => {
    const room = await phoneRoom({}, '+12015550123');
    const { phone, token } = room.account;
    const { shape, sent } = await ask(room, FORGOT, phone);
    const unknown = await ask(room, FORGOT, '7760873976');
    expect([sent, shape]).toEqual([0, unknown.shape]);
    const verify = await room.post('/auth/verification', { channel: 'phone' }, bearer(token));
    expect(await codeOf(verify)).toBe(202);
    expect(await room.received()).toEqual([]);
  });

  test('go to the countries of SMS_COUNTRIES', async () => {
    const room = await phoneRoom({ SMS_COUNTRIES: 'US,LK' }, '+12015550123');
    expect((await ask(room, FORGOT, room.account.phone)).sent).toBe(1);
    const indian = await room.newPhoneUser('7760873976');
    expect((await ask(room, FORGOT, indian.phone)).sent).toBe(0);
  });

  test('are at most SMS_DAILY_LIMIT in 24 hours, half of them to unverified numbers; mail is sent nevertheless', async () => {
    const room = await createMailRoom({ SMS_DAILY_LIMIT: '4' });
    const sent: number[] = [];
    const shapes = new Set<string>();
    for (let i = 0; i < 4; i++) {
      const { phone } = await room.newPhoneUser(`776087397${i}`);
      const answer = await ask(room, FORGOT, phone);
      sent.push(answer.sent);
      shapes.add(answer.shape);
    }
    expect([sent, shapes.size]).toEqual([[1, 1, 0, 0], 1]);
    expect(room.logs.filter((line) => line.includes('sms_limit_reached'))).toHaveLength(1);
    // The other half is for numbers that their owners have verified.
    await room.db.update(users).set({ phoneVerifiedAt: 1 });
    room.advance(MINUTE);
    expect((await ask(room, FORGOT, '7760873972')).sent).toBe(1);
    await room.newUser(EMAIL);
    expect((await ask(room, FORGOT, EMAIL)).sent).toBe(1);
    room.advance(DAY);
    expect((await ask(room, FORGOT, '7760873973')).sent).toBe(1);
  });

  test('0 sends none', async () => {
    const room = await phoneRoom({ SMS_DAILY_LIMIT: '0' });
    expect((await ask(room, FORGOT, room.account.phone)).sent).toBe(0);
  });

  test('requests for unknown numbers, and for countries without service, do not use the budget up', async () => {
    const room = await createMailRoom({ SMS_DAILY_LIMIT: '1' });
    const { phone } = await room.newPhoneUser('7760873976');
    const abroad = await room.newPhoneUser('+12015550123');
    for (let i = 0; i < 5; i++) await ask(room, FORGOT, `776087390${i}`);
    await ask(room, FORGOT, abroad.phone);
    expect((await ask(room, FORGOT, phone)).sent).toBe(1);
  });
});

describe('the limits of logins', () => {
  test('count codes that are tried for a name, as they count passwords', async () => {
    const room = await createMailRoom({
      RATE_LIMIT_LOGIN: '3/60s',
      RATE_LIMIT_LOGIN_ADDRESS: 'off',
    });
    const body = { username: EMAIL, code: '000000', new_password: 'difference engine' };
    const outcomes: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      outcomes.push(await codeOf(await room.post('/auth/password/reset', body)));
    }
    outcomes.push(
      await codeOf(await room.post('/auth/code/login', { username: EMAIL, code: '1'.repeat(6) })),
    );
    expect(outcomes).toEqual([
      ...Array(3).fill('invalid_code'),
      ...Array(2).fill('too_many_requests'),
    ]);
    expect(await room.logIn(EMAIL, 'wrong password')).toBe(429);
  });

  test('count links by network', async () => {
    const room = await createMailRoom({ RATE_LIMIT_LOGIN_ADDRESS: '3/60s' });
    const outcomes: unknown[] = [];
    for (const path of [
      '/auth/verification/confirm',
      '/auth/email/confirm',
      '/auth/email/undo',
      '/auth/phone/undo',
      '/auth/code/login',
    ]) {
      outcomes.push(await codeOf(await room.post(path, { token: 'x'.repeat(43) })));
    }
    expect(outcomes).toEqual([
      ...Array(3).fill('invalid_code'),
      ...Array(2).fill('too_many_requests'),
    ]);
  });
});

test('a disabled account gets no message', async () => {
  const room = await createMailRoom();
  await room.newVerifiedUser(EMAIL);
  await room.db.update(users).set({ disabledAt: 1 });
  expect((await ask(room, FORGOT, EMAIL)).sent).toBe(0);
  expect((await ask(room, '/auth/code', EMAIL)).sent).toBe(0);
});
