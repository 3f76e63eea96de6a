import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryFiles } from '../support/memory-files.ts';
import { BEHIND_PROXY, createPageRoom, PRODUCTION } from '../support/page-room.ts';
import type { Visitor } from '../support/page-visitor.ts';
import {
  createPictureRoom,
  NO_PICTURE,
  PICTURE_PAGE,
  type PictureRoom,
  sendPicture as put,
  pictureTokenOf as tokenOf,
} from '../support/picture-page.ts';
import { png } from '../support/pictures.ts';
import { createUserRoom } from '../support/user-room.ts';

const PATH = PICTURE_PAGE;
const LOG_IN = '/account/login?to=%2Faccount%2Fpicture';

let room: PictureRoom;
let files: MemoryFiles;
let visitor: Visitor;

beforeEach(async () => {
  room = await createPictureRoom();
  ({ files, visitor } = room);
});

const locationOf = ({ status, headers }: Response) => [status, headers.get('Location')];

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
    await room.putByApi();
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
    await room.putByApi();
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

describe('POST /account/picture', () => {
  test('removes the picture and its file without JavaScript, and records it', async () => {
    await room.putByApi();
    await visitor.visit(PATH);
    const { path, notices, text } = await visitor.submit({}, { button: 'Remove picture' });
    expect(path).toBe(`${PATH}?done=pictureRemoved`);
    expect(notices).toContain('The picture is removed.');
    expect(text).toContain('The account has no picture.');
    expect(await room.events()).toEqual(['avatar_removed', 'avatar_set']);
    expect(await room.stored()).toEqual(NO_PICTURE);
  });

  test('from a second tab removes nothing more, and says the same', async () => {
    await room.putByApi();
    await visitor.visit(PATH);
    const second = visitor.filled({}, { button: 'Remove picture' });
    await visitor.submit({}, { button: 'Remove picture' });
    const answer = await visitor.post(second.path, second.body);
    expect(locationOf(answer)).toEqual([303, `${PATH}?done=pictureRemoved`]);
    expect(await room.events()).toEqual(['avatar_removed', 'avatar_set']);
  });

  test('[S72] 403 without the form token, and to another origin', async () => {
    await room.putByApi();
    const formToken = await tokenOf(visitor);
    const body = new URLSearchParams({ form: formToken });
    expect((await visitor.post(PATH, new URLSearchParams())).status).toBe(403);
    expect((await visitor.post(PATH, body, { Origin: 'https://evil.example' })).status).toBe(403);
    expect(await room.urlShown()).not.toBeNull();
  });

  test('leads to the login if the session ends between the check and the change', async () => {
    await room.putByApi();
    const body = new URLSearchParams({ form: await tokenOf(visitor) });
    room.endSessionsOnceChecked();
    expect(locationOf(await visitor.post(PATH, body))).toEqual([303, LOG_IN]);
    expect(files.files.size).toBe(1);
  });
});
