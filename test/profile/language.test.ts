import { describe, expect, test } from 'vitest';
import { openProfileRoom } from '../support/profile-room.ts';

describe('PATCH /profile/me with a language and a time zone', () => {
  test('stores them in their usual letter case, and null clears them', async () => {
    const { patch } = await openProfileRoom({});
    expect((await patch({ locale: 'HI-in', time_zone: 'asia/calcutta' })).body).toMatchObject({
      ...{ locale: 'hi-IN', time_zone: 'Asia/Calcutta' },
    });
    expect((await patch({ locale: null })).body).toMatchObject({
      locale: null,
      time_zone: 'Asia/Calcutta',
    });
    expect((await patch({ time_zone: null })).body.time_zone).toBeNull();
  });

  test.each([
    [{ locale: 'hi_IN' }, '#/locale', 'invalid_locale'],
    [{ locale: 5 }, '#/locale', 'wrong_type'],
    [{ locale: 'x'.repeat(36) }, '#/locale', 'too_long'],
    [{ time_zone: '+05:30' }, '#/time_zone', 'invalid_time_zone'],
    [{ time_zone: '' }, '#/time_zone', 'invalid_time_zone'],
    [{ time_zone: 'x'.repeat(65) }, '#/time_zone', 'too_long'],
  ])('answers 422 to %j', async (body, pointer, code) => {
    const { patch } = await openProfileRoom({});
    const answer = await patch(body);
    expect([answer.status, answer.body.errors]).toMatchObject([422, [{ pointer, code }]]);
  });
});
