import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, sessions } from '../../src/core/db/schema.ts';
import { createMailRoom, HERE, type MailRoom } from '../support/mail-room.ts';
import { bearer } from '../support/test-app.ts';

const ask = (room: Pick<MailRoom, 'send'>, token: string, method = 'GET') =>
  room.send('/profile/me/export', { method, headers: bearer(token) });

/** The recorded exports of an account. */
const exportsOf = async ({ db }: Pick<MailRoom, 'db'>, id: number) =>
  (await db.select().from(auditEvents).where(eq(auditEvents.subjectId, id))).filter(
    ({ action }) => action === 'account_export',
  );

describe('an export of GET /profile/me/export', () => {
  test('[S71] is recorded once, before its first part, also if the client reads no further', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    const answer = await ask(room, token);
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(await exportsOf(room, id)).toMatchObject([
      {
        ...{ actorId: id, outcome: 'success', address: HERE },
        requestId: answer.headers.get('X-Request-Id'),
      },
    ]);
  });

  test.each([
    ['is no longer fresh', 'reauthentication_required', (room: MailRoom) => room.advance(601)],
    ['has ended', 'invalid_token', ({ db }: MailRoom) => db.delete(sessions)],
  ])(
    '[S71] breaks off before the first part, unrecorded, if the session %s by then',
    async (_, code, meanwhile) => {
      const room = await createMailRoom();
      const { id, token } = await room.newUser();
      const { body } = await ask(room, token);
      await meanwhile(room);
      await expect(body?.getReader().read()).rejects.toThrow(code);
      expect(await exportsOf(room, id)).toEqual([]);
    },
  );

  test('[S71] that is refused is not recorded', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    for (let i = 0; i < 6; i++) await (await ask(room, token)).text();
    room.advance(601);
    await ask(room, token);
    expect(await exportsOf(room, id)).toHaveLength(5);
  });

  test('that HEAD asks for is not recorded', async () => {
    const room = await createMailRoom();
    const { id, token } = await room.newUser();
    expect((await ask(room, token, 'HEAD')).status).toBe(200);
    expect(await exportsOf(room, id)).toEqual([]);
  });
});
