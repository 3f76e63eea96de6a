import { describe, expect, test } from 'vitest';
import { shareReads } from '../../src/core/shared-reads.ts';
import { createAvatarRoom, keyIn } from '../support/avatar-room.ts';
import { png } from '../support/pictures.ts';
import { bearer, createTestApp, newUser } from '../support/test-app.ts';

const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

describe('PUT /profile/me/avatar', () => {
  test('answers the profile with the URL of the picture, and a new version', async () => {
    const { app, ada, put, rows } = await createAvatarRoom();
    const before = await app.request('/profile/me', { headers: bearer(ada.token) });
    const answer = await put();
    expect(answer.status).toBe(200);
    const profile = await answer.json();
    expect(profile).toMatchObject({ id: ada.id, email: ada.email });
    expect(profile.avatar_url).toMatch(/^http:\/\/localhost\/avatars\/[\w-]{22}$/);
    expect(answer.headers.get('ETag')).not.toBe(before.headers.get('ETag'));
    const after = await app.request('/profile/me', { headers: bearer(ada.token) });
    expect(await after.json()).toEqual(profile);
    expect(await rows()).toEqual([{ key: keyIn(profile), removeAt: null }]);
  });

  test('[S82] stores and serves the picture without its metadata, whatever the Content-Type says', async () => {
    const { app, put, files } = await createAvatarRoom();
    const answer = await put(png({ comment: 'taken at 48.8584, 2.2945' }), undefined, 'image/webp');
    expect(answer.status).toBe(200);
    const key = keyIn(await answer.json());
    const served = await app.request(`/avatars/${key}`);
    expect(served.headers.get('Content-Type')).toBe('image/png');
    expect(await bytesOf(served)).toEqual(png());
    expect(files.files.get(key)).toEqual(png());
  });

  test('replaces the earlier picture, whose file and row are deleted', async () => {
    const { app, shown, idle, files, rows } = await createAvatarRoom();
    const first = await shown();
    const second = await shown(png({ seed: 2 }));
    await idle();
    expect(second).not.toBe(first);
    expect([...files.files.keys()]).toEqual([second]);
    expect(await rows()).toEqual([{ key: second, removeAt: null }]);
    expect((await app.request(`/avatars/${first}`)).status).toBe(404);
    expect((await app.request(`/avatars/${second}`)).status).toBe(200);
  });

  test('accepts the same bytes again', async () => {
    const { shown, idle, files } = await createAvatarRoom();
    await shown();
    const key = await shown();
    await idle();
    expect([...files.files.keys()]).toEqual([key]);
  });

  test.each([
    ['an empty body', new Uint8Array(0), 'invalid_image', 422],
    ['text', new TextEncoder().encode('<svg onload="alert(1)"/>'), 'invalid_image', 422],
    ['a truncated file', png().slice(0, -20), 'invalid_image', 422],
    ['more than 4096 pixels', png({ width: 4097, height: 1 }), 'invalid_image', 422],
    ['more than 5 MB', new Uint8Array(5_000_001), 'payload_too_large', 413],
  ])('[S82] rejects %s', async (_, bytes, code, status) => {
    const { put, files, rows } = await createAvatarRoom();
    const answer = await put(bytes);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
    expect(files.files.size).toBe(0);
    expect(await rows()).toEqual([]);
  });

  test('rejects a media type that is not accepted with 415, and a missing token with 401', async () => {
    const { app, put } = await createAvatarRoom();
    expect((await put(png(), undefined, 'image/svg+xml')).status).toBe(415);
    expect((await put(png(), undefined, 'image/gif')).status).toBe(415);
    const anonymous = await app.request('/profile/me/avatar', { method: 'PUT', body: png() });
    expect(anonymous.status).toBe(401);
  });

  test('answers 503 avatars_off without a store; a removal works', async () => {
    const { app } = await createTestApp();
    const { token } = await newUser(app);
    const headers = { ...bearer(token), 'Content-Type': 'image/png' };
    const answer = await app.request('/profile/me/avatar', { method: 'PUT', headers, body: png() });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'avatars_off' });
    const removal = await app.request('/profile/me/avatar', {
      method: 'DELETE',
      headers: bearer(token),
    });
    expect(removal.status).toBe(204);
  });

  test('counts uploads of a user towards RATE_LIMIT_AVATAR', async () => {
    const { app, put } = await createAvatarRoom({ RATE_LIMIT_AVATAR: '2/1h' });
    expect((await put()).headers.get('RateLimit')).toMatch(/^"avatar";r=1;/);
    expect((await put()).status).toBe(200);
    expect((await put()).status).toBe(429);
    const bob = await newUser(app, 'bob@example.com');
    expect((await put(png(), bob.token)).status).toBe(200);
  });

  test('rejects a wrong media type without counting it, and a used-up quota, before the body is kept', async () => {
    const { app, ada, put } = await createAvatarRoom({ RATE_LIMIT_AVATAR: '1/1h' });
    const upload = async (type: string) => {
      let parts = 0;
      // Longer than a picture may be: read and kept, it would be 413.
      const body = new ReadableStream({
        pull(controller) {
          parts += 1;
          if (parts > 60) controller.close();
          else controller.enqueue(new Uint8Array(100_000));
        },
      });
      const headers = { ...bearer(ada.token), 'Content-Type': type };
      const init = { method: 'PUT', headers, body, duplex: 'half' } as const;
      const { status } = await app.request('/profile/me/avatar', init);
      // The rest of the body is discarded, up to the size of a picture.
      expect(parts).toBeGreaterThan(49);
      return status;
    };
    expect(await upload('image/gif')).toBe(415);
    expect((await put()).status).toBe(200);
    expect(await upload('image/png')).toBe(429);
  });

  test('records avatar_set and avatar_removed in the activity of the account', async () => {
    const { app, ada, put, remove } = await createAvatarRoom();
    await put();
    await remove();
    const answer = await app.request('/auth/activity', { headers: bearer(ada.token) });
    const { events } = (await answer.json()) as {
      events: readonly { readonly action: string }[];
    };
    expect(events.slice(0, 2).map(({ action }) => action)).toEqual([
      'avatar_removed',
      'avatar_set',
    ]);
  });
});

describe('DELETE /profile/me/avatar', () => {
  test('takes the picture away and deletes its file and its row', async () => {
    const { app, ada, shown, remove, idle, files, rows } = await createAvatarRoom();
    const key = await shown();
    expect((await remove()).status).toBe(204);
    await idle();
    const profile = await app.request('/profile/me', { headers: bearer(ada.token) });
    expect(await profile.json()).toMatchObject({ avatar_url: null });
    expect((await app.request(`/avatars/${key}`)).status).toBe(404);
    expect(files.files.size).toBe(0);
    expect(await rows()).toEqual([]);
  });

  test('answers 204 without a picture, and does not change the profile', async () => {
    const { app, ada, remove } = await createAvatarRoom();
    const before = await app.request('/profile/me', { headers: bearer(ada.token) });
    expect((await remove()).status).toBe(204);
    const after = await app.request('/profile/me', { headers: bearer(ada.token) });
    expect(after.headers.get('ETag')).toBe(before.headers.get('ETag'));
  });
});

describe('GET /avatars/{key}', () => {
  test('[S83] sets the header fields with which a picture can only be shown', async () => {
    const { app, shown } = await createAvatarRoom();
    const key = await shown();
    const { status, headers } = await app.request(`/avatars/${key}`);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-disposition': 'inline',
      'content-security-policy': "sandbox; default-src 'none'",
      'content-type': 'image/png',
      'cross-origin-resource-policy': 'cross-origin',
      etag: `"${key}"`,
      'x-content-type-options': 'nosniff',
    });
  });

  test('has a counter of its own, of ten times RATE_LIMIT_DEFAULT', async () => {
    const { app, shown } = await createAvatarRoom({ RATE_LIMIT_DEFAULT: '2/1m' });
    const key = await shown();
    const statusOf = async (path: string) =>
      (await app.request(path, {}, { clientAddress: '192.0.2.1' })).status;
    const pictures = [];
    for (let i = 0; i < 21; i++) pictures.push(await statusOf(`/avatars/${key}`));
    expect(pictures.filter((status) => status === 200)).toHaveLength(20);
    expect(pictures.at(-1)).toBe(429);
    expect(await statusOf('/profile/me')).toBe(401);
    expect(await statusOf('/profile/me')).toBe(401);
    expect(await statusOf('/profile/me')).toBe(429);
  });

  test('answers 304 to its ETag, and HEAD with the length', async () => {
    const { app, shown } = await createAvatarRoom();
    const key = await shown();
    const headers = { 'If-None-Match': `"x", "${key}"` };
    const known = await app.request(`/avatars/${key}`, { headers });
    expect(known.status).toBe(304);
    expect(known.headers.get('Cache-Control')).toContain('immutable');
    const head = await app.request(`/avatars/${key}`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('Content-Length')).toBe(String(png().length));
    expect(await head.text()).toBe('');
  });

  test('[S41] answers 304 without a read of the store, and 404 to a malformed key', async () => {
    const { app, shown, files } = await createAvatarRoom();
    const key = await shown();
    files.before = () => Promise.reject(new Error('down'));
    const statusOf = async (name: string, headers: Record<string, string> = {}) =>
      (await app.request(`/avatars/${name}`, { headers })).status;
    expect(await statusOf(key, { 'If-None-Match': `"${key}"` })).toBe(304);
    expect(await statusOf(key)).toBe(503);
    expect(await statusOf('short', { 'If-None-Match': '"short"' })).toBe(404);
  });

  test('[S83] tells nothing about its caller in what public caches keep; a problem does', async () => {
    const { app, shown } = await createAvatarRoom({ RATE_LIMIT_DEFAULT: '100/1m' });
    const key = await shown();
    const namesOf = async (name: string, headers: Record<string, string> = {}) => {
      const answer = await app.request(
        `/avatars/${name}`,
        { headers },
        { clientAddress: '192.0.2.1' },
      );
      const given = ['RateLimit', 'RateLimit-Policy', 'X-Request-Id'];
      return [answer.status, given.filter((each) => answer.headers.has(each)).length];
    };
    expect(await namesOf(key)).toEqual([200, 0]);
    expect(await namesOf(key, { Range: 'bytes=0-3' })).toEqual([206, 0]);
    expect(await namesOf(key, { 'If-None-Match': `"${key}"` })).toEqual([304, 0]);
    expect(await namesOf('short')).toEqual([404, 3]);
  });

  test.each([false, true])(
    '[S41] sends a large picture in parts, and releases it when it is read or dropped (in range: %s)',
    async (isRange) => {
      const { app, files, put } = await createAvatarRoom({}, (store) =>
        shareReads(store, { maxBytes: 1_000_000 }),
      );
      const bytes = png({ width: 500, height: 1200, level: 0 });
      expect(bytes.length).toBeGreaterThan(500_001);
      const keys = ['A', 'B'].map((letter) => letter.repeat(22));
      for (const key of keys) files.files.set(key, bytes);
      const get = async (key = '') =>
        app.request(`/avatars/${key}`, isRange ? { headers: { Range: 'bytes=1-200000' } } : {});
      const [first, second] = keys;
      const expected = isRange ? bytes.slice(1, 200_001) : bytes;
      const one = await get(first);
      expect((await get(second)).status).toBe(503);
      expect((await app.request(`/avatars/${first}`, { method: 'HEAD' })).status).toBe(200);
      expect(one.headers.get('Content-Length')).toBe(String(expected.length));
      expect(Buffer.compare(await bytesOf(one), expected)).toBe(0);
      const two = await get(second);
      expect(two.status).toBe(isRange ? 206 : 200);
      expect((await get(first)).status).toBe(503);
      await two.body?.cancel();
      expect((await get(first)).status).toBe(two.status);
      expect((await put()).status).toBe(200);
    },
  );

  const { length: size } = png();
  test.each([
    ['bytes=0-0', 206, `bytes 0-0/${size}`, [0, 1]],
    ['bytes=8-', 206, `bytes 8-${size - 1}/${size}`, [8, size]],
    ['bytes=-5', 206, `bytes ${size - 5}-${size - 1}/${size}`, [size - 5, size]],
    [`bytes=4-${size + 9}`, 206, `bytes 4-${size - 1}/${size}`, [4, size]],
    [`bytes=-${size + 9}`, 206, `bytes 0-${size - 1}/${size}`, [0, size]],
    [`bytes=${size}-`, 416, `bytes */${size}`, undefined],
    ['bytes=-0', 416, `bytes */${size}`, undefined],
    ['bytes=0-1,4-5', 200, null, [0, size]],
    ['bytes=5-4', 200, null, [0, size]],
    ['bytes=-', 200, null, [0, size]],
    ['lines=0-1', 200, null, [0, size]],
  ])('answers Range: %s with %i', async (range, status, contentRange, part) => {
    const { app, shown } = await createAvatarRoom();
    const key = await shown();
    const answer = await app.request(`/avatars/${key}`, { headers: { Range: range } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('Content-Range')).toBe(contentRange);
    if (part) expect(await bytesOf(answer)).toEqual(png().slice(...part));
    else expect(await answer.json()).toMatchObject({ code: 'range_not_satisfiable' });
  });

  test('a range counts only with the ETag in If-Range', async () => {
    const { app, shown } = await createAvatarRoom();
    const key = await shown();
    const statusOf = async (condition: string) => {
      const headers = { Range: 'bytes=0-3', 'If-Range': condition };
      return (await app.request(`/avatars/${key}`, { headers })).status;
    };
    expect(await statusOf(`"${key}"`)).toBe(206);
    expect(await statusOf(`W/"${key}"`)).toBe(200);
    expect(await statusOf('"other"')).toBe(200);
    expect(await statusOf('Thu, 01 Jan 2026 12:00:00 GMT')).toBe(200);
  });

  test('[S83] answers 404 to every other key, and to a file that is no picture', async () => {
    const { app, files } = await createAvatarRoom();
    const page = 'AAAAAAAAAAAAAAAAAAAAAA';
    files.files.set(page, new TextEncoder().encode('<script>alert(1)</script>'));
    files.files.set('short', png());
    const keys = [page, 'short', 'B'.repeat(22), '..%2f..%2fetc%2fpasswd', '%00', 'é'.repeat(22)];
    for (const key of keys) {
      const answer = await app.request(`/avatars/${key}`);
      expect(answer.status, key).toBe(404);
      expect(answer.headers.get('Cache-Control'), key).toBe('no-store');
    }
  });
});
