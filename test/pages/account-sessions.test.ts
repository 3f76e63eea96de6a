import { beforeEach, describe, expect, test } from 'vitest';
import type { Visitor } from '../support/page-visitor.ts';
import { bearer } from '../support/test-app.ts';
import { createUserRoom, PASSWORD, sessionOf, type UserRoom } from '../support/user-room.ts';

const CHROME =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36';

let room: UserRoom;
let token: string;
let visitor: Visitor;

beforeEach(async () => {
  room = await createUserRoom();
  ({ token, visitor } = await room.newUserVisitor());
});

const idsOf = async (): Promise<string[]> => {
  const answer = await room.send('/auth/sessions', { headers: bearer(token) });
  const { sessions } = (await answer.json()) as { sessions: { id: string }[] };
  return sessions.map(({ id }) => id);
};

const statusOf = async (path: string, who: Visitor): Promise<string> =>
  (await who.visit(path)).path;

/** The forms of the page that end one session, and the values that they send. */
const endForms = (who: Visitor) =>
  who.page().forms.filter(({ values, isNavigation }) => !isNavigation && values.session);

describe('GET /account/sessions', () => {
  test('lists where the user is logged in, and marks this session', async () => {
    await room.visitorOf('ada@example.com', CHROME);
    const { text, html, status } = await visitor.visit('/account/sessions');
    expect(status).toBe(200);
    expect(text).toContain('Firefox on Windows\n(this one)');
    expect(text).toContain('Chrome on Android');
    expect(text).toContain('203.0.113.7');
    expect(text).toContain('Jan 1, 2026, 12:01 UTC');
    expect(html).toMatch(/<time datetime="2026-01-01T12:01:00\.000Z">/);
  });

  test('offers no form for this session, and each other one has a name of its own', async () => {
    await room.visitorOf('ada@example.com', CHROME);
    const { html } = await visitor.visit('/account/sessions');
    const own = sessionOf(visitor);
    expect(endForms(visitor).map(({ values }) => values.session)).not.toContain(own);
    expect(html).toContain('aria-label="End it: Chrome on Android, Jan 1, 2026, 12:01 UTC"');
  });

  test('escapes a User-Agent, and shortens an unknown one', async () => {
    const hostile = `<img src=x onerror=alert(1)>"'&${'x'.repeat(200)}`;
    await room.visitorOf('ada@example.com', hostile);
    const { html, text } = await visitor.visit('/account/sessions');
    expect(html).not.toContain('<img src=x');
    expect(text).toContain(`${hostile.slice(0, 60)}…`);
  });
});

describe('POST /account/sessions', () => {
  test('ends one session, whose next request leads to the login', async () => {
    const other = await room.visitorOf('ada@example.com', CHROME);
    await visitor.visit('/account/sessions');
    const form = endForms(visitor).find(({ values }) => values.session === sessionOf(other));
    const answer = await visitor.post('/account/sessions', new URLSearchParams(form?.values));
    expect(answer.headers.get('Location')).toBe('/account/sessions?done=sessionEnded');
    expect(await statusOf('/account', other)).toBe('/account/login');
    expect(await statusOf('/account', visitor)).toBe('/account');
  });

  test('ends all other sessions', async () => {
    const other = await room.visitorOf('ada@example.com', CHROME);
    await visitor.visit('/account/sessions');
    const { path, notices } = await visitor.submit({}, { button: 'End all others' });
    expect(path).toBe('/account/sessions?done=sessionsEnded');
    expect(notices).toEqual(['All other sessions have ended.']);
    expect(await statusOf('/account', other)).toBe('/account/login');
    expect(visitor.page().forms.some(({ buttons }) => buttons.includes('End all others'))).toBe(
      false,
    );
  });

  test('ends all sessions, and logs this one out', async () => {
    const other = await room.visitorOf('ada@example.com', CHROME);
    await visitor.visit('/account/sessions');
    const { path, notices } = await visitor.submit({}, { button: 'End all, this one too' });
    expect(path).toBe('/account/login?done=allEnded');
    expect(notices).toEqual(['All sessions have ended. You are logged out.']);
    expect(visitor.cookies.has('latchkey_session')).toBe(false);
    expect(await statusOf('/account', other)).toBe('/account/login');
  });

  test('ends no session of another user', async () => {
    await room.newVerifiedUser('grace@example.com', PASSWORD);
    const grace = await room.visitorOf('grace@example.com');
    await visitor.visit('/account/sessions');
    const { body } = visitor.filled({ session: sessionOf(grace) }, { button: 'End all others' });
    const answer = await visitor.post('/account/sessions', body);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('It has ended already.');
    expect(await statusOf('/account', grace)).toBe('/account');
  });

  test.each(['', 'x', "' or 1=1", 'OTHERS'])('answers 404 to the session %j', async (session) => {
    await visitor.visit('/account/sessions');
    const { body } = visitor.filled({ session }, { button: 'End all others' });
    expect((await visitor.post('/account/sessions', body)).status).toBe(404);
    expect(await idsOf()).toHaveLength(2);
  });

  test('says that a session has ended already', async () => {
    const other = await room.visitorOf('ada@example.com', CHROME);
    await visitor.visit('/account/sessions');
    const form = endForms(visitor).find(({ values }) => values.session === sessionOf(other));
    const body = () => new URLSearchParams(form?.values);
    expect((await visitor.post('/account/sessions', body())).status).toBe(303);
    expect((await visitor.post('/account/sessions', body())).status).toBe(404);
  });

  test.each(['others', 'all'])('an ended session ends %s no more', async (session) => {
    const other = await room.visitorOf('ada@example.com', CHROME);
    await visitor.visit('/account/sessions');
    const { body } = visitor.filled({ session }, { button: 'End all others' });
    const ended = sessionOf(visitor);
    await other.visit('/account/sessions');
    const form = endForms(other).find(({ values }) => values.session === ended);
    await other.post('/account/sessions', new URLSearchParams(form?.values));
    const answer = await visitor.post('/account/sessions', body);
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fsessions');
    expect(await statusOf('/account', other)).toBe('/account');
  });
});

describe('GET /account/devices', () => {
  test('lists the devices, last used first', async () => {
    await room.visitorOf('ada@example.com', CHROME);
    const { text } = await visitor.visit('/account/devices');
    expect(text.indexOf('Chrome on Android')).toBeGreaterThan(0);
    expect(text.indexOf('Firefox on Windows')).toBeGreaterThan(text.indexOf('Chrome on Android'));
  });

  test('a login by page keeps the device in a cookie, and a second one finds it', async () => {
    const devices = () => room.deps.devices.list(1);
    const count = (await devices()).length;
    const cookie = visitor.cookies.get('latchkey_device');
    expect(cookie).toMatch(/^[\w-]{43}$/);
    await visitor.visit('/account');
    await visitor.submit({}, { action: '/account/logout' });
    expect(visitor.cookies.get('latchkey_device')).toBe(cookie);
    await room.enter(visitor, 'ada@example.com');
    expect(visitor.cookies.get('latchkey_device')).toBe(cookie);
    expect(await devices()).toHaveLength(count);
  });

  test('the cookie lasts 90 days and is closed to scripts', async () => {
    const other = room.newVisitor();
    await other.visit('/account/login');
    const { path, body } = other.filled(
      { username: 'ada@example.com', password: PASSWORD },
      { action: '/account/login' },
    );
    const set = (await other.post(path, body)).headers.getSetCookie();
    const device = set.find((cookie) => cookie.startsWith('latchkey_device='));
    expect(device?.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=7776000',
      'Path=/',
      'SameSite=Lax',
    ]);
  });

  test('with the cookie, wrong passwords of strangers do not lock the user out', async () => {
    await visitor.submit({}, { action: '/account/logout' });
    for (let i = 0; i < 12; i++) await room.logIn('ada@example.com', 'wrong', '198.51.100.7');
    await room.enter(visitor, 'ada@example.com');
    expect(visitor.page().path).toBe('/account');
  });
});

describe('POST /account/devices', () => {
  test('removes a device, which stays logged in', async () => {
    const other = await room.visitorOf('ada@example.com', CHROME);
    const { html } = await visitor.visit('/account/devices');
    expect(html).toContain('aria-label="Remove: Chrome on Android, Jan 1, 2026, 12:01 UTC"');
    const [form] = visitor.page().forms.filter(({ values }) => values.device);
    const answer = await visitor.post('/account/devices', new URLSearchParams(form?.values));
    expect(answer.headers.get('Location')).toBe('/account/devices?done=deviceRemoved');
    expect((await visitor.visit('/account/devices')).text).not.toContain('Chrome on Android');
    expect(await statusOf('/account', other)).toBe('/account');
  });

  test('removes no device of another user, and none twice', async () => {
    const grace = await room.newVerifiedUser('grace@example.com', PASSWORD);
    const [device] = await room.deps.devices.list(grace.id);
    await visitor.visit('/account/devices');
    const [form] = visitor.page().forms.filter(({ values }) => values.device);
    const foreign = new URLSearchParams({ ...form?.values, device: device?.id ?? '' });
    expect((await visitor.post('/account/devices', foreign)).status).toBe(404);
    expect((await room.deps.devices.list(grace.id)).length).toBeGreaterThan(0);
    const own = new URLSearchParams(form?.values);
    expect((await visitor.post('/account/devices', own)).status).toBe(303);
    expect((await visitor.post('/account/devices', own)).status).toBe(404);
  });

  test('leads to the login if the session ends between the check and the change', async () => {
    await visitor.visit('/account/devices');
    const [form] = visitor.page().forms.filter(({ values }) => values.device);
    const before = (await room.deps.devices.list(1)).length;
    room.endSessionsOnceChecked();
    const answer = await visitor.post('/account/devices', new URLSearchParams(form?.values));
    expect(answer.headers.get('Location')).toBe('/account/login?to=%2Faccount%2Fdevices');
    expect(await room.deps.devices.list(1)).toHaveLength(before);
  });
});
