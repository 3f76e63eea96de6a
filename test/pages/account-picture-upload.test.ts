import { beforeEach, describe, expect, test } from 'vitest';
import type { MemoryFiles } from '../support/memory-files.ts';
import { readPage } from '../support/page-reader.ts';
import type { Visitor } from '../support/page-visitor.ts';
import {
  createPictureRoom,
  NO_PICTURE,
  PICTURE_PAGE,
  type PictureRoom,
  sendPicture as put,
  pictureTokenOf as tokenOf,
} from '../support/picture-page.ts';
import { photo, png } from '../support/pictures.ts';
import { bearer } from '../support/test-app.ts';
import { PASSWORD } from '../support/user-room.ts';

type Headers = Readonly<Record<string, string>>;

const PATH = PICTURE_PAGE;
const LOG_IN = '/account/login?to=%2Faccount%2Fpicture';

let room: PictureRoom;
let files: MemoryFiles;
let visitor: Visitor;

async function enterRoom(settings: Record<string, string> = {}): Promise<void> {
  room = await createPictureRoom(settings);
  ({ files, visitor } = room);
}

beforeEach(() => enterRoom());

const locationOf = ({ status, headers }: Response) => [status, headers.get('Location')];

describe('PUT /account/picture', () => {
  test('stores the picture without its metadata, records it, and leads to the page', async () => {
    const answer = await put(visitor, await tokenOf(visitor), await photo('webp'), {
      'Content-Type': 'image/webp',
    });
    expect(locationOf(answer)).toEqual([303, `${PATH}?done=pictureSaved`]);
    const { notices, html } = await visitor.visit(`${PATH}?done=pictureSaved`);
    expect(notices).toContain('The picture is saved.');
    const [[key, bytes] = []] = files.files;
    expect(await room.urlShown()).toMatch(new RegExp(`/avatars/${key}$`));
    expect(html).toContain(`/avatars/${key}`);
    expect(Buffer.from(bytes ?? []).includes('Secret Camera')).toBe(false);
    expect(await room.events()).toEqual(['avatar_set']);
  });

  test('replaces the earlier picture, whose file is deleted', async () => {
    const formToken = await tokenOf(visitor);
    await put(visitor, formToken);
    await put(visitor, formToken, png({ seed: 2 }));
    await room.idle();
    expect([...files.files.values()]).toEqual([png({ seed: 2 })]);
  });

  test('[S72] 403 to another origin, also of the same site, and to none', async () => {
    const formToken = await tokenOf(visitor);
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'http://localhost:8081' },
      { Origin: 'null' },
      { Origin: '' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'none' },
    ]) {
      const { status } = await put(visitor, formToken, png(), headers);
      expect([headers, status]).toEqual([headers, 403]);
    }
    expect(await room.stored()).toEqual(NO_PICTURE);
  });

  test('[S72] 403 with a page without the form token of its session', async () => {
    const other = await tokenOf(await room.visitorOf('ada@example.com'));
    const anonymous = await room.newVisitor().visit('/account/login');
    const before = anonymous.forms[0]?.values.form ?? '';
    for (const formToken of ['', 'x', other, before]) {
      const answer = await put(visitor, formToken);
      expect([formToken, answer.status]).toEqual([formToken, 403]);
      expect(readPage(await answer.text()).alert).toMatch(/^The form came from another page/);
    }
    const formToken = await tokenOf(visitor);
    const inBody = new URLSearchParams({ form: formToken });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await put(visitor, '', inBody, headers)).status).toBe(403);
    expect(await room.stored()).toEqual(NO_PICTURE);
  });

  test('[S72] a preflight of another origin is not answered with CORS headers', async () => {
    const { headers } = await visitor.send(PATH, {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://localhost:8081',
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'Form-Token',
      },
    });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('[S82] says in words what is wrong, in the language of the page', async () => {
    const formToken = await tokenOf(visitor);
    const notAccepted = 'This picture was not accepted. Choose another one.';
    const cases: readonly (readonly [BodyInit, Headers, number, string])[] = [
      ['text', {}, 422, notAccepted],
      [new Uint8Array(0), {}, 422, notAccepted],
      [png({ width: 4097, height: 1 }), {}, 422, notAccepted],
      [new Uint8Array(5_000_001), {}, 413, 'This picture is too large. It may have at most 5 MB.'],
      [png(), { 'Content-Type': 'image/gif' }, 415, 'Choose a PNG, JPEG or WebP file.'],
      ['text', { 'Accept-Language': 'hi' }, 422, 'यह तस्वीर स्वीकार नहीं हुई। कोई दूसरी चुनें।'],
    ];
    for (const [body, headers, status, words] of cases) {
      const answer = await put(visitor, formToken, body, headers);
      const { alert, heading } = readPage(await answer.text());
      expect([answer.status, alert]).toEqual([status, words]);
      expect(['Your picture', 'आपकी तस्वीर']).toContain(heading);
    }
    expect(await room.stored()).toEqual(NO_PICTURE);
  });

  test('accepts exactly 5 MB', async () => {
    const size = 5_000_000;
    // The pixels are stored as they are; a comment, which is removed, fills the file up.
    const image = png({ width: 2000, height: 2000, level: 0 });
    const filled = png({
      ...{ width: 2000, height: 2000, level: 0 },
      comment: 'x'.repeat(size - image.length - 'Comment\0'.length - 12),
    });
    expect(filled.length).toBe(size);
    expect((await put(visitor, await tokenOf(visitor), filled)).status).toBe(303);
  });

  test('counts towards RATE_LIMIT_AVATAR, together with the API', async () => {
    await enterRoom({ RATE_LIMIT_AVATAR: '2/1h' });
    const formToken = await tokenOf(visitor);
    expect((await put(visitor, formToken)).status).toBe(303);
    expect((await room.putByApi()).status).toBe(200);
    const answer = await put(visitor, formToken);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(readPage(await answer.text()).alert).toBe(
      'Too many pictures in a short time. Try again later.',
    );
    expect((await room.putByApi()).status).toBe(429);
  });

  test('takes turns with the API: one upload of a user at a time', async () => {
    const formToken = await tokenOf(visitor);
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let first: Promise<Response> | undefined;
    await new Promise<void>((begin) => {
      files.before = (operation) => {
        if (operation !== 'put') return undefined;
        begin();
        return held;
      };
      first = put(visitor, formToken);
    });
    const [byPage, byApi] = [await put(visitor, formToken), await room.putByApi()];
    expect([byPage.status, byApi.status]).toEqual([429, 429]);
    expect(byPage.headers.get('Retry-After')).toBe('1');
    go();
    expect((await first)?.status).toBe(303);
    expect((await put(visitor, formToken)).status).toBe(303);
  });

  test('503 in words if the store does not answer', async () => {
    files.before = (operation) => {
      if (operation === 'put') throw new Error('no route to host');
    };
    const answer = await put(visitor, await tokenOf(visitor));
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '5']);
    expect(readPage(await answer.text()).alert).toBe(
      'Pictures cannot be stored at the moment. Try again later.',
    );
    expect(await room.urlShown()).toBeNull();
  });

  test('leads a stranger, an ended session, and one that ends meanwhile to the login', async () => {
    const formToken = await tokenOf(visitor);
    expect(locationOf(await put(room.newVisitor(), formToken))).toEqual([303, LOG_IN]);
    room.endSessionsOnceChecked();
    expect(locationOf(await put(visitor, formToken))).toEqual([303, LOG_IN]);
    expect(visitor.cookies.has('latchkey_session')).toBe(false);
    visitor = await room.visitorOf('ada@example.com');
    const again = await tokenOf(visitor);
    await room.endSessionsOf(await room.tokenOf('ada@example.com', PASSWORD));
    expect(locationOf(await put(visitor, again))).toEqual([303, LOG_IN]);
    const later = await room.tokenOf('ada@example.com', PASSWORD);
    expect(await room.stored(later)).toEqual(NO_PICTURE);
  });

  test('[S73] the cookie is needed: an access token sends nothing', async () => {
    const answer = await put(room.newVisitor(), await tokenOf(visitor), png(), bearer(room.token));
    expect(locationOf(answer)).toEqual([303, LOG_IN]);
    expect(await room.stored()).toEqual(NO_PICTURE);
  });
});
