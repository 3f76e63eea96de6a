import { expect, test } from 'vitest';
import { exportSchema } from '../../src/features/export/schemas.ts';
import { createAvatarRoom } from '../support/avatar-room.ts';
import { png } from '../support/pictures.ts';
import { bearer } from '../support/test-app.ts';

async function exported({ app, ada }: Awaited<ReturnType<typeof createAvatarRoom>>) {
  const answer = await app.request('/profile/me/export', { headers: bearer(ada.token) });
  return exportSchema.strict().parse(await answer.json());
}

test('[S71] the export contains the picture, its size and its time', async () => {
  const room = await createAvatarRoom();
  expect((await exported(room)).avatar).toBeNull();
  // Longer than a part of the text, and no multiple of 3.
  const bytes = png({ width: 401, height: 402, level: 0 });
  expect(bytes.length % 3).not.toBe(0);
  const key = await room.shown(bytes);
  const { avatar, profile } = await exported(room);
  expect(avatar).toEqual({
    url: `http://localhost/avatars/${key}`,
    size: bytes.length,
    created_at: '2026-01-01T12:00:00.000Z',
    data: Buffer.from(bytes).toString('base64'),
  });
  expect(profile.avatar_url).toBe(avatar?.url);
});

test('an export without the picture is better than none: a store that fails leaves out its bytes', async () => {
  const room = await createAvatarRoom();
  await room.shown();
  room.files.before = () => {
    throw new Error('down');
  };
  const { avatar, events } = await exported(room);
  expect(avatar).toMatchObject({ size: png().length, data: null });
  expect(events.length).toBeGreaterThan(0);
  expect(room.logs.some((line) => line.includes('avatar_not_exported'))).toBe(true);
});
