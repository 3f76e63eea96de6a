import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { createProfileRoom } from '../support/profile-room.ts';

describe('the size of own fields', () => {
  test('[S87] checks the size of a patch before its values', async () => {
    const { patch } = await createProfileRoom();
    const { status, body } = await patch({ fields: { site: `https://a/${'a'.repeat(9000)}<` } });
    expect([status, body.errors]).toMatchObject([422, [{ pointer: '#/fields', code: 'too_long' }]]);
  });

  test('clears stored values that are not declared any more, so that they leave room', async () => {
    const { db, patch, stored, user } = await createProfileRoom();
    await db
      .update(users)
      .set({ fields: JSON.stringify({ gone: 'x'.repeat(4090), also: 'x'.repeat(4070) }) })
      .where(eq(users.id, user.id));
    const city = 'x'.repeat(80);
    const full = await patch({ fields: { city } });
    expect([full.status, full.body.errors?.[0]]).toMatchObject([
      422,
      { pointer: '#/fields', message: expect.stringContaining('not shown') },
    ]);
    expect((await patch({ fields: { gone: 'y' } })).status).toBe(422);
    expect((await patch({ fields: { unknown: null } })).status).toBe(422);
    expect((await patch({ fields: { gone: null, city } })).body.fields).toEqual({ city });
    expect(Object.keys(JSON.parse((await stored()) ?? ''))).toEqual(['also', 'city']);
  });
});
