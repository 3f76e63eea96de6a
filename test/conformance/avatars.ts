import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Account, Answer, Api } from '../support/api.ts';
import { photo, png } from '../support/pictures.ts';
import { logOut } from './session-client.ts';
import type { Part } from './suite.ts';

const PATH = '/profile/me/avatar';
const AT_ONCE = 8;

const put = (
  api: Api,
  { bearer }: Pick<Account, 'bearer'>,
  body: Uint8Array<ArrayBuffer>,
  type = 'image/png',
): Promise<Answer> =>
  api.request('PUT', PATH, { headers: { ...bearer, 'Content-Type': type }, body });

/** The path of the picture in a profile. */
const pathIn = (answer: Answer): string => new URL(String(answer.at('avatar_url'))).pathname;

/** Waits until a path is not found any more. */
const gone = (api: Api, path: string) =>
  expect.poll(async () => (await api.get(path)).status, { timeout: 10_000 }).toBe(404);

export const avatars: Part = (api) => {
  test.each(['png', 'jpeg', 'webp'] as const)(
    '[S82] PUT stores a photo as %s, and GET serves it without the place where it was taken',
    async (format) => {
      const account = await api().newAccount();
      const bytes = await photo(format);
      expect(Buffer.from(bytes).includes('Secret Camera')).toBe(true);
      const answer = await put(api(), account, bytes, `image/${format}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ETag')).toBe(`"${account.id}-2"`);
      const profile = await api().get('/profile/me', account.bearer);
      expect(profile.body).toEqual(answer.body);
      const served = await api().get(pathIn(answer));
      expect([served.status, served.headers.get('Content-Type')]).toEqual([200, `image/${format}`]);
      expect(served.headers.get('Content-Length')).toBe(String(served.bytes.length));
      expect(served.bytes.length).toBeLessThan(bytes.length);
      const { orientation, width, height } = await sharp(served.bytes).metadata();
      expect([orientation, width, height]).toEqual([3, 64, 64]);
      expect(Buffer.from(served.bytes).includes('Secret')).toBe(false);
    },
  );

  test('[S83] GET sends the header fields with which any site may show a picture, and HEAD the same', async () => {
    const path = pathIn(await put(api(), await api().newAccount(), png()));
    const answer = await api().get(path, { Origin: 'https://elsewhere.example' });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-disposition': 'inline',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      etag: `"${path.slice('/avatars/'.length)}"`,
      'x-content-type-options': 'nosniff',
    });
    const head = await api().request('HEAD', path);
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['Content-Type', 'Content-Length', 'ETag', 'Cache-Control']) {
      expect(head.headers.get(name), name).toBe(answer.headers.get(name));
    }
  });

  test('GET answers 304 to the ETag, 206 to a range, 416 behind the end, 404 to other keys', async () => {
    const path = pathIn(await put(api(), await api().newAccount(), png()));
    const { headers, bytes } = await api().get(path);
    const etag = headers.get('ETag') ?? '';
    const known = await api().get(path, { 'If-None-Match': etag });
    expect([known.status, known.text]).toEqual([304, '']);
    const { length } = bytes;
    const part = await api().get(path, { Range: 'bytes=2-9', 'If-Range': etag });
    expect([part.status, part.headers.get('Content-Range')]).toEqual([206, `bytes 2-9/${length}`]);
    expect(part.bytes).toEqual(bytes.slice(2, 10));
    const end = await api().get(path, { Range: 'bytes=-4' });
    expect(end.bytes).toEqual(bytes.slice(-4));
    const several = await api().get(path, { Range: 'bytes=0-1,4-5' });
    expect([several.status, several.bytes]).toEqual([200, bytes]);
    const behind = await api().get(path, { Range: `bytes=${length}-` });
    expect([behind.status, behind.at('code')]).toEqual([416, 'range_not_satisfiable']);
    expect(behind.headers.get('Content-Range')).toBe(`bytes */${length}`);
    for (const key of ['A'.repeat(22), 'x', '..%2F..%2Fpackage.json', `${'A'.repeat(21)}%00`]) {
      const missing = await api().get(`/avatars/${key}`);
      expect([missing.status, missing.at('code')], key).toEqual([404, 'not_found']);
    }
  });

  test('[S84] a replaced picture, a removed one and that of a deleted account are not found any more', async () => {
    const account = await api().newAccount();
    const first = pathIn(await put(api(), account, png()));
    const second = pathIn(await put(api(), account, png({ seed: 2 })));
    await gone(api(), first);
    expect((await api().get(second)).status).toBe(200);
    const remove = () => api().request('DELETE', PATH, { headers: account.bearer });
    expect((await remove()).status).toBe(204);
    expect((await api().get('/profile/me', account.bearer)).at('avatar_url')).toBeNull();
    await gone(api(), second);
    expect((await remove()).status).toBe(204);
    const third = pathIn(await put(api(), account, png({ seed: 3 })));
    expect((await api().request('DELETE', '/profile/me', { headers: account.bearer })).status).toBe(
      204,
    );
    await gone(api(), third);
  });

  test('[S82] PUT rejects what is no picture, too large, or of another type, and changes nothing', async () => {
    const account = await api().newAccount();
    const rejected = async (answer: Promise<Answer>) => {
      const { status, ...rest } = await answer;
      return [status, new Map(Object.entries(JSON.parse(rest.text))).get('code')];
    };
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(await rejected(put(api(), account, svg))).toEqual([422, 'invalid_image']);
    const cut = png().slice(0, -1);
    expect(await rejected(put(api(), account, cut))).toEqual([422, 'invalid_image']);
    const wide = png({ width: 4097, height: 1 });
    expect(await rejected(put(api(), account, wide))).toEqual([422, 'invalid_image']);
    const long = new Uint8Array(5_000_001);
    expect(await rejected(put(api(), account, long))).toEqual([413, 'payload_too_large']);
    expect(await rejected(put(api(), account, svg, 'image/svg+xml'))).toEqual([
      415,
      'unsupported_media_type',
    ]);
    const profile = await api().get('/profile/me', account.bearer);
    expect([profile.at('avatar_url'), profile.headers.get('ETag')]).toEqual([
      null,
      `"${account.id}-1"`,
    ]);
  });

  test('a picture of nearly 5 MB is stored and served whole', async () => {
    const bytes = png({ width: 4096, height: 1200, level: 0 });
    expect(bytes.length).toBeGreaterThan(4_900_000);
    const answer = await put(api(), await api().newAccount(), bytes);
    expect(answer.status).toBe(200);
    const served = await api().get(pathIn(answer));
    expect(Buffer.compare(served.bytes, bytes)).toBe(0);
  });

  test(`[S84] ${AT_ONCE} uploads of a user at once: each is done or answered 429, and the last one is shown`, async () => {
    const account = await api().newAccount();
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, seed) => put(api(), account, png({ seed }))),
    );
    for (const { status } of answers) expect([200, 429]).toContain(status);
    const stored = answers.filter(({ status }) => status === 200);
    expect(stored.length).toBeGreaterThan(0);
    const shown = pathIn(await api().get('/profile/me', account.bearer));
    expect(stored.map(pathIn)).toContain(shown);
    for (const path of stored.map(pathIn).filter((each) => each !== shown)) await gone(api(), path);
    expect((await api().get(shown)).status).toBe(200);
  });

  test('[S84] uploads beside a logout and beside the deletion of the account leave no picture behind', async () => {
    const account = await api().newAccount();
    const [upload] = await Promise.all([put(api(), account, png()), logOut(api(), account)]);
    expect([200, 401]).toContain(upload.status);
    const other = await api().newAccount();
    const [answer, deletion] = await Promise.all([
      put(api(), other, png()),
      api().request('DELETE', '/profile/me', { headers: other.bearer }),
    ]);
    expect(deletion.status).toBe(204);
    expect([200, 401]).toContain(answer.status);
    if (answer.status === 200) await gone(api(), pathIn(answer));
  });
};
