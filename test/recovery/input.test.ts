// Bad input of the operations that send and use links and codes.
import { describe, expect, test } from 'vitest';
import { codes, outbox } from '../../src/core/db/schema.ts';
import { codeOf, createMailRoom } from '../support/mail-room.ts';
import { bearer, createTestApp, json } from '../support/test-app.ts';

const TOKEN = 'x'.repeat(43);
const CODE = '123456';
const PASSWORD = 'difference engine';
const NAME = 'ada@example.com';

type Fields = readonly (readonly [pointer: string, code: string])[];

const REQUIRED: Fields = [['#/token', 'required']];
const USERNAME: Fields = [['#/username', 'required']];
const CHANNEL: Fields = [['#/channel', 'required']];

/** Bodies by operation, and the fields that the 422 names. */
const REJECTED: Readonly<Record<string, readonly (readonly [body: unknown, fields: Fields])[]>> = {
  '/auth/password/forgot': [
    [{}, USERNAME],
    [{ username: '' }, [['#/username', 'too_short']]],
    [{ username: '  \t' }, [['#/username', 'too_short']]],
    [{ username: 'x'.repeat(1025) }, [['#/username', 'too_long']]],
    [{ username: 5 }, [['#/username', 'wrong_type']]],
    [{ username: [NAME] }, [['#/username', 'wrong_type']]],
    [{ username: null }, [['#/username', 'wrong_type']]],
    [[], [['#', 'wrong_type']]],
    ['x', [['#', 'wrong_type']]],
  ],
  '/auth/code': [
    [{}, USERNAME],
    [{ username: '' }, [['#/username', 'too_short']]],
  ],
  '/auth/password/reset': [
    [{ new_password: PASSWORD }, REQUIRED],
    [{ new_password: PASSWORD, token: TOKEN, username: NAME, code: CODE }, REQUIRED],
    [{ new_password: PASSWORD, username: NAME }, [...REQUIRED, ...USERNAME]],
    [{ new_password: PASSWORD, code: CODE }, USERNAME],
    [{ new_password: PASSWORD, token: TOKEN, username: NAME }, USERNAME],
    [{ token: TOKEN }, [['#/new_password', 'required']]],
    [{ token: TOKEN, new_password: 5 }, [['#/new_password', 'wrong_type']]],
    [{ token: TOKEN, new_password: 'x'.repeat(257) }, [['#/new_password', 'too_long']]],
    [{ token: '', new_password: PASSWORD }, [['#/token', 'too_short']]],
    [{ token: 'x'.repeat(257), new_password: PASSWORD }, [['#/token', 'too_long']]],
  ],
  '/auth/code/login': [
    [{}, REQUIRED],
    [{ token: TOKEN, code: CODE }, [...REQUIRED, ...USERNAME]],
    [{ username: NAME }, [...REQUIRED, ...USERNAME]],
    [{ code: CODE }, USERNAME],
    [{ username: NAME, code: '12345' }, [['#/code', 'invalid_format']]],
    [{ username: NAME, code: '1234567' }, [['#/code', 'invalid_format']]],
    [{ username: NAME, code: '12345a' }, [['#/code', 'invalid_format']]],
    [{ username: NAME, code: '१२३४५६' }, [['#/code', 'invalid_format']]],
    [{ username: NAME, code: '123456\n' }, [['#/code', 'invalid_format']]],
    [{ username: NAME, code: 123456 }, [['#/code', 'wrong_type']]],
  ],
  '/auth/verification': [
    [{}, CHANNEL],
    [{ channel: 'fax' }, [['#/channel', 'invalid_value']]],
    [{ channel: 'EMAIL' }, [['#/channel', 'invalid_value']]],
  ],
  '/auth/verification/confirm': [
    [{}, REQUIRED],
    [{ channel: 'email' }, [...REQUIRED, ...CHANNEL]],
    [{ code: CODE }, CHANNEL],
    [{ token: TOKEN, channel: 'email' }, CHANNEL],
    [{ token: TOKEN, channel: 'email', code: CODE }, REQUIRED],
  ],
  '/auth/email/change': [
    [{}, [['#/email', 'required']]],
    [{ email: 'nonsense' }, [['#/email', 'invalid_email']]],
    [{ email: 'a@b.example\r\nBcc: eve@example.com' }, [['#/email', 'invalid_email']]],
    [{ email: 'a\u200b@example.com' }, [['#/email', 'invalid_email']]],
    [{ email: `${'x'.repeat(250)}@example.com` }, [['#/email', 'too_long']]],
    [{ email: null }, [['#/email', 'wrong_type']]],
  ],
  '/auth/phone/change': [
    [{}, [['#/phone', 'required']]],
    [{ phone: '' }, [['#/phone', 'too_short']]],
    [{ phone: '12' }, [['#/phone', 'invalid_phone']]],
    [{ phone: 'x'.repeat(33) }, [['#/phone', 'too_long']]],
    [{ phone: '77608\r\n73976' }, [['#/phone', 'control_character']]],
    [{ phone: 7760873976 }, [['#/phone', 'wrong_type']]],
  ],
  '/auth/email/confirm': [
    [{}, REQUIRED],
    [{ code: CODE }, REQUIRED],
    [{ token: 5 }, [['#/token', 'wrong_type']]],
  ],
  '/auth/phone/confirm': [
    [{}, [['#/code', 'required']]],
    [{ token: TOKEN }, [['#/code', 'required']]],
  ],
  '/auth/email/undo': [[{}, REQUIRED]],
  '/auth/phone/undo': [[{ token: null }, [['#/token', 'wrong_type']]]],
};

test.each(Object.entries(REJECTED))(
  'POST %s answers 422 that names the fields',
  async (path, bodies) => {
    const room = await createMailRoom();
    const { token } = await room.newUser('eve@example.com');
    for (const [body, fields] of bodies) {
      const answer = await room.post(path, body, bearer(token));
      const problem = (await answer.json()) as { errors?: { pointer: string; code: string }[] };
      const named = problem.errors?.map(({ pointer, code }) => [pointer, code]);
      expect([body, answer.status, named]).toEqual([body, 422, fields]);
    }
    expect(await room.received()).toEqual([]);
    expect(await room.db.select().from(codes)).toEqual([]);
  },
);

test('a token of any shape that is none answers invalid_code', async () => {
  const room = await createMailRoom();
  await room.newUser();
  for (const token of [
    TOKEN,
    'x',
    ' ',
    '\u{1f600}',
    "' or 1=1 --",
    '%00',
    'x'.repeat(256),
    '../..',
  ]) {
    for (const [path, more] of [
      ['/auth/password/reset', { new_password: PASSWORD }],
      ['/auth/code/login', {}],
      ['/auth/verification/confirm', {}],
      ['/auth/email/confirm', {}],
      ['/auth/email/undo', {}],
      ['/auth/phone/undo', {}],
    ] as const) {
      const answer = await room.post(path, { token, ...more });
      expect([path, token, await codeOf(answer)]).toEqual([path, token, 'invalid_code']);
    }
  }
});

test('operations that require a login answer 401 without one', async () => {
  const room = await createMailRoom();
  for (const [path, body] of [
    ['/auth/verification', { channel: 'email' }],
    ['/auth/email/change', { email: NAME }],
    ['/auth/phone/change', { phone: '7760873976' }],
    ['/auth/phone/confirm', { code: CODE }],
    ['/auth/reauthenticate/code', undefined],
  ] as const) {
    for (const headers of [{}, bearer('x.y.z')]) {
      const answer = await room.post(path, body, headers);
      const code = 'Authorization' in headers ? 'invalid_token' : 'not_authenticated';
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 401, code]);
    }
  }
});

describe('without a sender in production', () => {
  const production = {
    PASSWORD_ROUNDS: '6',
    APP_ENV: 'production',
    SECRET_KEY: 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB',
  };

  const ask = async (
    room: Awaited<ReturnType<typeof createTestApp>>,
    token: string,
    path: string,
    body: unknown,
  ) => {
    const answer = await room.app.request(path, json('POST', body, bearer(token)), {
      clientAddress: '203.0.113.7',
    });
    return [answer.status, await codeOf(answer)];
  };

  test('every operation that sends a message answers 503 messages_off, and the start warns', async () => {
    const room = await createTestApp(production);
    expect(room.logs.filter((line) => line.includes('messages_off'))).toHaveLength(1);
    await room.app.request('/auth/signup', json('POST', { email: NAME, password: PASSWORD }), {
      clientAddress: '203.0.113.7',
    });
    const login = await room.app.request(
      '/auth/login',
      { method: 'POST', body: new URLSearchParams({ username: NAME, password: PASSWORD }) },
      { clientAddress: '203.0.113.7' },
    );
    const { access_token: token } = (await login.json()) as { access_token: string };
    for (const [path, body] of [
      ['/auth/password/forgot', { username: NAME }],
      ['/auth/password/forgot', { username: 'nobody@example.com' }],
      ['/auth/password/forgot', { username: '7760873976' }],
      ['/auth/code', { username: NAME }],
      ['/auth/code', { username: '7760873976' }],
      ['/auth/verification', { channel: 'email' }],
      ['/auth/email/change', { email: 'new@example.com' }],
      ['/auth/phone/change', { phone: '7760873976' }],
    ] as const) {
      expect([path, ...(await ask(room, token, path, body))]).toEqual([path, 503, 'messages_off']);
    }
    expect(await room.db.select().from(codes)).toEqual([]);
    expect(await room.db.select().from(outbox)).toEqual([]);
    // Links and codes of the past are still used.
    expect(
      await ask(room, token, '/auth/password/reset', { token: TOKEN, new_password: PASSWORD }),
    ).toEqual([400, 'invalid_code']);
  });

  test('with a sender of mail alone, text messages are off', async () => {
    const send = async () => ({ kind: 'sent' }) as const;
    const room = await createTestApp(production, { mail: { send } });
    expect(room.logs.join()).not.toContain('messages_off');
    expect(await ask(room, '', '/auth/code', { username: '7760873976' })).toEqual([
      503,
      'messages_off',
    ]);
    expect((await ask(room, '', '/auth/code', { username: NAME }))[0]).toBe(202);
  });
});
