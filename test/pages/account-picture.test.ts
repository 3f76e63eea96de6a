import { beforeEach, describe, expect, test } from 'vitest';
import { avatars } from '../../src/core/db/account-schema.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { readPage } from '../support/page-reader.ts';
import { BEHIND_PROXY, createPageRoom, PRODUCTION } from '../support/page-room.ts';
import type { Visitor } from '../support/page-visitor.ts';
import {
  PICTURE_PAGE,
  sendPicture as put,
  pictureTokenOf as tokenOf,
} from '../support/picture-page.ts';
import { photo, png } from '../support/pictures.ts';
import { bearer } from '../support/test-app.ts';
import { createUserRoom, type UserRoom } from '../support/user-room.ts';

type Headers = Readonly<Record<string, string>>;

const PATH = PICTURE_PAGE;
const LOG_IN = '/account/login?to=%2Faccount%2Fpicture';

let room: UserRoom;
let files: MemoryFiles;
let token: string;
let visitor: Visitor;

async function enterRoom(settings: Record<string, string> = {}): Promise<void> {
  files = new MemoryFiles();
  room = await createUserRoom(settings, { files });
  ({ token, visitor } = await room.newUserVisitor());
}

beforeEach(() => enterRoom());

const putByApi = (body: BodyInit = png()) =>
  room.send('/profile/me/avatar', {
    method: 'PUT',
    headers: { ...bearer(token), 'Content-Type': 'image/png' },
    body,
  });

const locationOf = ({ status, headers }: Response) => [status, headers.get('Location')];
const urlShown = async () => (await room.profile(token)).body.avatar_url;

async function eventsOf(): Promise<readonly string[]> {
  const answer = await room.send('/auth/activity', { headers: bearer(token) });
  const { events } = (await answer.json()) as { events: { action: string }[] };
  return events.map(({ action }) => action).filter((action) => action.startsWith('avatar'));
}

/** Expects that nothing has been stored. */
async function expectNothing(): Promise<void> {
  await room.idle();
  expect(await urlShown()).toBeNull();
  expect(files.files.size).toBe(0);
  expect(await room.db.select().from(avatars)).toEqual([]);
}

describe('GET /account/picture', () => {
  test('shows that there is none, and offers no removal; the overview and the profile lead to it', async () => {
    const { status, heading, text, forms } = await visitor.visit(PATH);
    expect([status, heading]).toEqual([200, 'Your picture']);
    expect(text).toContain('The account has no picture.');
    expect(text).toContain('Choosing a picture needs JavaScript.');
    expect(forms.filter(({ isHidden, isNavigation }) => !isHidden && !isNavigation)).toEqual([]);
    for (const path of ['/account', '/account/profile']) {
      expect((await visitor.visit(path)).links['Change your picture']).toBe(PATH);
    }
  });

  test('shows the picture by a path of the own origin', async () => {
    await putByApi();
    const [key] = files.files.keys();
    const { html } = await visitor.visit(PATH);
    expect(html).toContain(`<img class="picture" src="/avatars/${key}" alt="Your picture"`);
  });

  test('[S74] may show images of the own origin and fetch from it, as no other page may', async () => {
    const policyOf = async (path: string) =>
      (await visitor.visit(path)).headers.get('Content-Security-Policy');
    const policy = await policyOf(PATH);
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data: 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    for (const path of ['/account', '/account/profile', '/account/data']) {
      expect(await policyOf(path)).toBe(
        policy?.replace("connect-src 'self'; ", '').replace("data: 'self'", 'data:'),
      );
    }
    const { html, headers } = await visitor.visit(PATH);
    expect(html).not.toMatch(/ on[a-z]+=| style=|<style|<script>/);
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  test('has a script of its own, which no other page loads', async () => {
    const { html } = await visitor.visit(PATH);
    const [path = ''] = /\/account\/picture-[\w-]+\.js/.exec(html) ?? [];
    const script = await visitor.send(path);
    expect([script.status, script.headers.get('Cache-Control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
    expect((await visitor.visit('/account')).html).not.toContain(path);
  });

  test('is in Hindi for who reads Hindi', async () => {
    await putByApi();
    const { html } = await visitor.visit(PATH, { 'Accept-Language': 'hi' });
    expect(html).toContain('alt="आपकी तस्वीर"');
    expect(html).toContain('तस्वीर हटाएँ');
    const [part = ''] = /<form id="picture".*?>/.exec(html) ?? [];
    expect(part.match(/ data-[a-z-]+="[^"]*[\u0900-\u097f][^"]*"/g)).toHaveLength(4);
  });

  test('does not exist without a store, and nothing leads to it', async () => {
    const other = await createUserRoom();
    const { visitor: user } = await other.newUserVisitor();
    expect((await user.visit(PATH)).status).toBe(404);
    expect((await put(user, 'x')).status).toBe(404);
    for (const path of ['/account', '/account/profile']) {
      expect((await user.visit(path)).html).not.toContain('icture');
    }
  });

  test('has addresses below the path of PUBLIC_URL', async () => {
    const store = new MemoryFiles();
    const behind = await createPageRoom(PRODUCTION, { files: store });
    await behind.newUser('ada@example.com', 'analytical engine');
    const user = behind.newVisitor(BEHIND_PROXY);
    await user.visit('/account/login');
    await user.submit(
      { username: 'ada@example.com', password: 'analytical engine' },
      { button: 'Log in' },
    );
    const sent = await put(user, await tokenOf(user), png(), { Origin: BEHIND_PROXY.origin });
    expect(locationOf(sent)).toEqual([303, '/accounts/account/picture?done=pictureSaved']);
    const [key] = store.files.keys();
    const { html } = await user.visit(PATH);
    expect(html).toContain(`src="/accounts/avatars/${key}"`);
    expect(html).toContain('src="/accounts/account/picture-');
  });
});

describe('PUT /account/picture', () => {
  test('stores the picture without its metadata, records it, and leads to the page', async () => {
    const answer = await put(visitor, await tokenOf(visitor), await photo('webp'), {
      'Content-Type': 'image/webp',
    });
    expect(locationOf(answer)).toEqual([303, `${PATH}?done=pictureSaved`]);
    const { notices, html } = await visitor.visit(`${PATH}?done=pictureSaved`);
    expect(notices).toContain('The picture is saved.');
    const [[key, bytes] = []] = files.files;
    expect(await urlShown()).toMatch(new RegExp(`/avatars/${key}$`));
    expect(html).toContain(`/avatars/${key}`);
    expect(Buffer.from(bytes ?? []).includes('Secret Camera')).toBe(false);
    expect(await eventsOf()).toEqual(['avatar_set']);
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
    await expectNothing();
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
    await expectNothing();
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
    await expectNothing();
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
    expect((await putByApi()).status).toBe(200);
    const answer = await put(visitor, formToken);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(readPage(await answer.text()).alert).toBe(
      'Too many pictures in a short time. Try again later.',
    );
    expect((await putByApi()).status).toBe(429);
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
    const [byPage, byApi] = [await put(visitor, formToken), await putByApi()];
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
    expect(await urlShown()).toBeNull();
  });

  test('leads a stranger, an ended session, and one that ends meanwhile to the login', async () => {
    const formToken = await tokenOf(visitor);
    expect(locationOf(await put(room.newVisitor(), formToken))).toEqual([303, LOG_IN]);
    room.endSessionsOnceChecked();
    expect(locationOf(await put(visitor, formToken))).toEqual([303, LOG_IN]);
    expect(visitor.cookies.has('latchkey_session')).toBe(false);
    visitor = await room.visitorOf('ada@example.com');
    const again = await tokenOf(visitor);
    token = await room.tokenOf('ada@example.com', 'analytical engine');
    await room.endSessionsOf(token);
    expect(locationOf(await put(visitor, again))).toEqual([303, LOG_IN]);
    token = await room.tokenOf('ada@example.com', 'analytical engine');
    await expectNothing();
  });

  test('[S73] the cookie is needed: an access token sends nothing', async () => {
    const answer = await put(room.newVisitor(), await tokenOf(visitor), png(), bearer(token));
    expect(locationOf(answer)).toEqual([303, LOG_IN]);
    await expectNothing();
  });
});

describe('POST /account/picture', () => {
  test('removes the picture and its file without JavaScript, and records it', async () => {
    await putByApi();
    await visitor.visit(PATH);
    const { path, notices, text } = await visitor.submit({}, { button: 'Remove picture' });
    expect(path).toBe(`${PATH}?done=pictureRemoved`);
    expect(notices).toContain('The picture is removed.');
    expect(text).toContain('The account has no picture.');
    expect(await eventsOf()).toEqual(['avatar_removed', 'avatar_set']);
    await expectNothing();
  });

  test('from a second tab removes nothing more, and says the same', async () => {
    await putByApi();
    await visitor.visit(PATH);
    const second = visitor.filled({}, { button: 'Remove picture' });
    await visitor.submit({}, { button: 'Remove picture' });
    const answer = await visitor.post(second.path, second.body);
    expect(locationOf(answer)).toEqual([303, `${PATH}?done=pictureRemoved`]);
    expect(await eventsOf()).toEqual(['avatar_removed', 'avatar_set']);
  });

  test('[S72] 403 without the form token, and to another origin', async () => {
    await putByApi();
    const formToken = await tokenOf(visitor);
    const body = new URLSearchParams({ form: formToken });
    expect((await visitor.post(PATH, new URLSearchParams())).status).toBe(403);
    expect((await visitor.post(PATH, body, { Origin: 'https://evil.example' })).status).toBe(403);
    expect(await urlShown()).not.toBeNull();
  });

  test('leads to the login if the session ends between the check and the change', async () => {
    await putByApi();
    const body = new URLSearchParams({ form: await tokenOf(visitor) });
    room.endSessionsOnceChecked();
    expect(locationOf(await visitor.post(PATH, body))).toEqual([303, LOG_IN]);
    expect(files.files.size).toBe(1);
  });
});
