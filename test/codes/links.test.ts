// What a link carries, and who may use it.
import { describe, expect, test } from 'vitest';
import { newToken } from '../../src/features/codes/code.ts';
import { codeOf, createMailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const FORGOT = '/auth/password/forgot';
const RESET = '/auth/password/reset';
const EMAIL = 'ada@example.com';
const NEW_PASSWORD = 'difference engine';
const MINUTE = 60;

describe('[S16] a link', () => {
  test('carries 256 random bits, of which the database has a keyed hash', async () => {
    const tokens = Array.from({ length: 1000 }, newToken);
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  });

  test.each(['verify', 'reset', 'login', 'change', 'undo', 'release'])(
    'for %s is accepted by no operation of another purpose, which leaves it valid',
    async (purpose) => {
      const room = await createMailRoom();
      const { token } = await room.newUser(EMAIL);
      const tokens: Record<string, string | undefined> = {};
      await room.post('/auth/verification', { channel: 'email' }, bearer(token));
      const verification = await room.message();
      tokens.verify = verification.tokens.verify;
      tokens.release = verification.tokens.undo;
      if (['reset', 'login', 'change', 'undo'].includes(purpose)) {
        await room.post('/auth/verification/confirm', { token: tokens.verify });
        room.advance(MINUTE);
        tokens.reset = (await room.ask(FORGOT, EMAIL)).tokens.reset;
        room.advance(MINUTE);
        tokens.login = (await room.ask('/auth/code', EMAIL)).tokens.login;
        await room.post('/auth/email/change', { email: 'new@example.com' }, bearer(token));
        room.advance(MINUTE);
        await room.post('/auth/email/change', { email: 'newer@example.com' }, bearer(token));
        tokens.change = (await room.received()).at(-1)?.tokens.change;
      }
      if (purpose === 'undo') {
        await room.post('/auth/email/confirm', { token: tokens.change });
        tokens.undo = (await room.message()).tokens.undo;
      }
      const link = tokens[purpose];
      expect(link).toHaveLength(43);
      const operations = {
        verify: ['/auth/verification/confirm', { token: link }],
        reset: [RESET, { token: link, new_password: NEW_PASSWORD }],
        login: ['/auth/code/login', { token: link }],
        change: ['/auth/email/confirm', { token: link }],
        undo: ['/auth/email/undo', { token: link }],
        'the other channel': ['/auth/phone/undo', { token: link }],
      } as const;
      const own = purpose === 'release' ? 'undo' : purpose;
      for (const [name, [path, body]] of Object.entries(operations)) {
        if (name === own) continue;
        expect([name, await codeOf(await room.post(path, body))]).toEqual([name, 'invalid_code']);
      }
      const [path, body] = operations[own as keyof typeof operations];
      expect((await room.post(path, body)).status).toBe(own === 'login' ? 200 : 204);
    },
  );
});
