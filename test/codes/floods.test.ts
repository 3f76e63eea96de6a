// What strangers can make the database hold, and which names they can reach.
import { expect, test } from 'vitest';
import { codes, outbox } from '../../src/core/db/schema.ts';
import { createMailRoom } from '../support/mail-room.ts';

const FORGOT = '/auth/password/forgot';

test('beyond the quota of its network, a request writes nothing', async () => {
  const room = await createMailRoom({ RATE_LIMIT_MESSAGES: '2/1h' });
  const { email } = await room.newUser();
  for (const username of ['a@example.com', email, 'b@example.com', email, 'c@example.com']) {
    expect((await room.post(FORGOT, { username })).status).toBe(202);
  }
  await room.idle();
  expect(await room.db.select().from(outbox)).toHaveLength(2);
  expect(await room.db.select().from(codes)).toHaveLength(6);
});

test('the next housekeeping deletes what a request for an unknown name has written', async () => {
  const room = await createMailRoom();
  const { email } = await room.newUser();
  for (const username of ['a@example.com', email]) await room.post(FORGOT, { username });
  await room.idle();
  await room.tick();
  expect((await room.db.select().from(outbox)).map(({ state }) => state)).toEqual(['sent']);
  expect(await room.db.select().from(codes)).toHaveLength(3);
});

test.each(['a d a@example.com', 'ada@exam ple.com', 'ada@example.com,', 'ada @example.com'])(
  '%j is no name of ada@example.com',
  async (username) => {
    const room = await createMailRoom();
    await room.newUser();
    expect((await room.post(FORGOT, { username })).status).toBe(202);
    expect(await room.received()).toEqual([]);
  },
);
