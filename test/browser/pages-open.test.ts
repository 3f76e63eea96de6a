import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LinkAction } from '../../src/config/message-kinds.ts';
import { Api, uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { TEST_CLOCK_HEADER } from '../support/movable-clock/header.ts';
import { OPEN_PAGES } from '../support/open-pages.ts';
import { messageTo, Tab } from '../support/page-tab.ts';
import { startTimedTarget, type Target } from '../support/targets.ts';

const MINUTE = 60_000;
const PASSWORD = 'analytical engine';
const NEW_PASSWORD = 'difference engine';
const USERNAME = 'Email address or phone number';
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
});

describe.each(['node', 'workerd-d1'] as const)('pages of visitors in Chromium on %s', (name) => {
  let target: Target;
  let api: Api;
  beforeAll(async () => {
    target = await startTimedTarget(name, {});
    api = new Api(target.baseUrl);
  });
  afterAll(async () => {
    await target?.stop();
  });

  const open = (options: { javaScriptEnabled?: boolean } = {}) =>
    Tab.open(browser, target.baseUrl, options);

  /** Follows the link of a message; without JavaScript, pastes it. */
  async function follow(
    tab: Tab,
    hasScript: boolean,
    action: LinkAction,
    to: string,
    path = `/account/${action}`,
  ): Promise<void> {
    const { tokens } = await messageTo(api, action, to);
    const link = `${target.baseUrl}/account/${action}#${tokens[action]}`;
    if (hasScript) {
      await tab.page.goto('about:blank');
      await tab.page.goto(link);
      await tab.page.waitForURL((url) => url.hash === '');
    } else {
      await tab.goto(path);
      await tab.fill({ 'Link from the message': link });
    }
  }

  test.each([
    ['with', true],
    ['without', false],
  ])(
    '%s JavaScript: an account from its sign-up to a new password and a code',
    async (_, hasScript) => {
      const [start, email] = [Date.now(), uniqueEmail()];
      const tab = await open({ javaScriptEnabled: hasScript });
      await tab.setTime(start);
      await tab.goto('/account/signup');
      await tab.submit('Create account', { 'Email address': email, Password: PASSWORD });
      expect(tab.path()).toBe('/account/verify?done=signedUp');
      await follow(tab, hasScript, 'verify', email);
      await tab.submit('Verify address');
      expect(tab.path()).toBe('/account?done=addressVerified');
      await tab.submit('Log out');
      expect(tab.path()).toBe('/account/login?done=loggedOut');

      await tab.setTime(start + 2 * MINUTE);
      await tab.follow('Forgot the password?');
      await tab.submit('Send message', { [USERNAME]: email });
      expect(await tab.field(USERNAME).inputValue()).toBe(email);
      const { code = '' } = await messageTo(api, 'reset', email);
      if (hasScript) {
        await follow(tab, hasScript, 'reset', email);
        expect(await tab.field(USERNAME).isVisible()).toBe(false);
      } else await tab.fill({ 'Code from the message': code });
      await tab.submit('Set new password', { 'New password': 'short' });
      expect([await tab.alert(), await tab.focused()]).toEqual([
        'Choose another password.',
        'new_password',
      ]);
      await tab.submit('Set new password', { 'New password': NEW_PASSWORD });
      expect(tab.path()).toBe('/account/login?done=passwordReset');
      await tab.submit('Log in', { [USERNAME]: email, Password: PASSWORD });
      expect(await tab.alert()).toContain('The password is wrong');
      await tab.submit('Log in', { Password: NEW_PASSWORD });
      expect(tab.path()).toBe('/account');
      await tab.submit('Log out');

      await tab.setTime(start + 4 * MINUTE);
      await tab.follow('Log in with a code');
      await tab.submit('Send code', { [USERNAME]: email });
      await messageTo(api, 'login', email);
      await follow(tab, hasScript, 'login', email, '/account/code/login');
      if (hasScript) expect(await tab.field('Password').isVisible()).toBe(false);
      await tab.submit(hasScript ? 'Log in' : 'Log in with the code');
      expect(tab.path()).toBe('/account');
      expect(tab.unexpected()).toEqual([]);
    },
  );

  test.each([
    ['with', true],
    ['without', false],
  ])('%s JavaScript: an address is changed and restored by links', async (_, hasScript) => {
    const [start, to] = [Date.now(), uniqueEmail()];
    const account = await api.newAccount();
    const at = (time: number) => ({ ...account.bearer, [TEST_CLOCK_HEADER]: String(time) });
    const tab = await open({ javaScriptEnabled: hasScript });
    await tab.setTime(start);
    await api.json('POST', '/auth/verification', { channel: 'email' }, at(start));
    await follow(tab, hasScript, 'verify', account.email);
    await tab.submit('Verify address');
    expect(tab.path()).toBe('/account/login?done=addressVerified');

    const later = start + 2 * MINUTE;
    await tab.setTime(later);
    await api.json('POST', '/auth/email/change', { email: to }, at(later));
    await follow(tab, hasScript, 'change', to);
    await tab.submit('Confirm address');
    expect(tab.path()).toBe('/account/login?done=addressChanged');
    await expect
      .poll(async () => (await messageTo(api, 'undo', account.email)).text)
      .toContain('is no longer the email address');
    await follow(tab, hasScript, 'undo', account.email);
    expect(await tab.page.locator('main').innerText()).toContain('A replaced address is restored');
    await tab.submit('Undo the change');
    expect(tab.path()).toBe('/account/forgot?done=undone');
    expect((await api.get('/profile/me', at(later))).status).toBe(401);
    expect(tab.unexpected()).toEqual([]);
  });

  test('a page that is opened and closed uses no link up; a link pasted into the same tab is taken', async () => {
    const account = await api.newAccount();
    await api.json('POST', '/auth/verification', { channel: 'email' }, account.bearer);
    const tab = await open();
    await follow(tab, true, 'verify', account.email);
    await tab.page.waitForLoadState('networkidle');
    expect(tab.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
    await tab.goto('/account/verify');
    expect(await tab.field('Link from the message').isVisible()).toBe(true);
    const { tokens } = await messageTo(api, 'verify', account.email);
    await tab.page.evaluate(`location.hash = '${tokens.verify}'`);
    await tab.field('Link from the message').waitFor({ state: 'hidden' });
    expect(tab.page.url()).not.toContain(tokens.verify);
    await tab.submit('Verify address');
    expect(tab.path()).toBe('/account/login?done=addressVerified');
    expect(tab.unexpected()).toEqual([]);
  });

  test('presses on the button while a form is on its way submit nothing', async () => {
    const account = await api.newAccount();
    const tab = await open();
    await tab.goto('/account/forgot');
    await tab.fill({ [USERNAME]: account.email });
    await Promise.all([
      tab.page.waitForEvent('load'),
      tab.page.evaluate(
        `for (let at = 0; at < 5; at++) document.querySelector('main button').click()`,
      ),
    ]);
    expect(await tab.heading()).toBe('Look at your messages');
    expect(tab.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });
});

describe('pages of visitors in Chromium', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startTimedTarget('node', {});
  });
  afterAll(async () => {
    await target?.stop();
  });

  test.each([
    ['light', 1280],
    ['light', 320],
    ['dark', 1280],
    ['dark', 320],
  ] as const)(
    'in %s mode at %i pixels, axe finds nothing and nothing is cut off',
    async (colorScheme, width) => {
      const tab = await Tab.open(browser, target.baseUrl, {
        colorScheme,
        viewport: { width, height: 800 },
      });
      const check = async (what: string) => {
        expect([what, await tab.violations(), await tab.cutOff()]).toEqual([what, [], []]);
        expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      };
      for (const path of OPEN_PAGES) {
        await tab.goto(path);
        await check(path);
      }
      const token = 'a'.repeat(43);
      for (const path of ['/account/login', '/account/reset', '/account/undo']) {
        await tab.goto(`${path}#${token}`);
        await check(`${path}#`);
      }
      await tab.goto('/account/signup');
      const email = uniqueEmail();
      await tab.submit('Create account', { 'Email address': email, Password: 'short' });
      await check('sign-up with errors');
      await tab.submit('Create account', { Password: PASSWORD });
      await check('verification of a user who is logged in');
      await tab.submit('Log out');
      await check('after a logout');
      await tab.goto('/account/forgot');
      await tab.submit('Send message', {
        [USERNAME]: `${'a'.repeat(64)}@${'b'.repeat(63)}.example`,
      });
      await check('message on its way');
    },
  );

  test('everything works by keyboard, and the link to the content is not taken for a token', async () => {
    const tab = await Tab.open(browser, target.baseUrl);
    await tab.goto('/account/reset');
    const { keyboard } = tab.page;
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await tab.page.waitForURL((url) => url.hash === '#content');
    expect(await tab.field(USERNAME).isVisible()).toBe(true);
    await keyboard.press('Tab');
    expect(await tab.focused()).toBe('username');
    await keyboard.type('nobody@example.com');
    await keyboard.press('Tab');
    await keyboard.type('123456');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type(PASSWORD);
    await keyboard.press('Tab');
    await keyboard.press('Space');
    expect(await tab.field('New password').getAttribute('type')).toBe('text');
    await keyboard.press('Space');
    expect(await tab.field('New password').getAttribute('type')).toBe('password');
    await keyboard.press('Tab');
    await Promise.all([tab.page.waitForEvent('load'), keyboard.press('Enter')]);
    expect(await tab.alert()).toContain('The code or the link is wrong');
    expect(tab.unexpected()).toEqual([]);
  });
});
