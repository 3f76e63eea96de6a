import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, Api, uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { LONG_TESTED_PAGES } from '../support/server.ts';
import { startTimedTarget, type Target } from '../support/targets.ts';
import { UserTab } from '../support/user-tab.ts';
import * as people from '../support/verified-people.ts';

const SEARCH = 'Beginning of the email address, the phone number or the name';

/** The pages that an administrator opens, each with the form of its kind. */
const pagesOf = ({ id }: Account): readonly string[] => [
  '/admin',
  '/admin/search',
  `/admin/user?id=${id}`,
  `/admin/user/act?id=${id}&do=profile`,
  `/admin/user/act?id=${id}&do=remove`,
  '/admin/invite',
  '/admin/events',
];

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
});

describe.each(LONG_TESTED_PAGES)('admin pages in Chromium on %s', (name) => {
  let target: Target;
  let api: Api;
  let admin: Account;
  beforeAll(async () => {
    const email = uniqueEmail();
    target = await startTimedTarget(name, { ADMIN_EMAIL: email });
    api = new Api(target.baseUrl);
    admin = await people.newVerified(api, email);
  });
  afterAll(async () => {
    await target?.stop();
  });

  async function openAdmin(options = {}): Promise<UserTab> {
    const tab = await UserTab.open(browser, target.baseUrl, options);
    await tab.goto('/admin');
    expect(tab.path()).toBe('/account/login?to=%2Fadmin');
    await tab.send('Log in', {
      'Email address or phone number': admin.email,
      Password: admin.password,
    });
    expect(tab.path()).toBe('/admin');
    return tab;
  }

  describe.each([
    ['on', true],
    ['off', false],
  ])('with JavaScript %s', (_, javaScriptEnabled) => {
    test('an administrator takes each action once', async () => {
      const { id, email, password } = await people.newVerified(api);
      const tab = await openAdmin({ javaScriptEnabled });
      await tab.follow('Users');
      await tab.send('Search', { [SEARCH]: email });
      await tab.follow(email);
      const account = `/admin/user?id=${id}`;
      expect(tab.path()).toBe(account);

      const act = async (action: string, done: string, fields = {}) => {
        await tab.follow(action);
        await tab.send(action, { Reason: 'as they asked', ...fields });
        expect([action, tab.path()]).toEqual([action, `${account}&done=${done}`]);
        expect(await tab.page.getByRole('status').innerText()).not.toBe('');
      };
      await act('Change roles', 'roles', { Roles: 'editor support' });
      expect(await tab.text()).toContain('editor, support');
      await act('Change name and text', 'profile', { Name: 'Ada <b>' });
      expect(await tab.heading()).toBe('Ada <b>');
      await act('Unlock', 'unlock');
      await act('Log out everywhere', 'signOut');
      await act('Disable', 'disable');
      expect((await api.logIn(email, password)).status).toBe(400);
      await act('Enable', 'enable');
      expect((await api.logIn(email, password)).status).toBe(200);
      await act('Require a new password', 'requireReset');
      expect((await api.logIn(email, password)).status).toBe(400);
      await act('Remove email address', 'dropEmail');
      expect(await tab.text()).not.toContain(email);

      await tab.follow('Delete account');
      await tab.send('Delete account', { Reason: 'as they asked' });
      expect(tab.path()).toBe('/admin/search?done=remove');
      await tab.follow('Audit');
      expect(await tab.text()).toContain('Account deletion');
      expect(tab.unexpected()).toEqual([]);
    });

    test('an administrator invites somebody, and filters the audit record', async () => {
      const tab = await openAdmin({ javaScriptEnabled });
      const email = uniqueEmail();
      await tab.follow('Users');
      await tab.follow('Invite');
      await tab.page.getByLabel('Language of the message').selectOption('hi');
      await tab.send('Send invitation', { Reason: 'x', 'Email address': email });
      expect(tab.path()).toMatch(/^\/admin\/user\?id=\d+&done=invite$/);
      await tab.follow('Audit');
      await tab.page.getByLabel('Event', { exact: true }).selectOption('account_invite');
      await tab.send('Search');
      expect(tab.path()).toMatch(/action=account_invite/);
      expect(await tab.page.locator('ul.rows strong').allInnerTexts()).toEqual(
        expect.arrayContaining(['Invitation by an administrator']),
      );
      expect(tab.unexpected()).toEqual([]);
    });
  });

  test('the search follows what is typed, keeps the address and names the count', async () => {
    const tab = await openAdmin();
    const word = `typed${Date.now()}`;
    for (const start of ['a', 'ab', 'b']) await api.newAccount(`${word}${start}@example.com`);
    await tab.goto('/admin/search');
    const pages: string[] = [];
    tab.page.on('load', () => pages.push(tab.path()));
    const count = tab.page.getByRole('status');
    const field = tab.page.getByLabel(SEARCH);
    const before = tab.requests.length;
    await field.pressSequentially(`${word}a`, { delay: 5 });
    await expect.poll(() => count.innerText()).toBe('2 on this page.');
    const fetched = tab.requests.slice(before).filter((each) => each.includes('/admin/search'));
    expect(fetched.length).toBeLessThan(word.length / 2);
    expect(tab.path()).toBe(`/admin/search?q=${word}a`);
    await field.press('b');
    await expect.poll(() => count.innerText()).toBe('1 on this page.');
    expect(await tab.page.locator('#results a').allInnerTexts()).toEqual([`${word}ab@example.com`]);
    expect(await tab.focused()).toBe('q');
    await tab.page.getByLabel('State').selectOption('disabled');
    await expect.poll(() => count.innerText()).toBe('0 on this page.');
    expect(pages).toEqual([]);
    await tab.page.reload();
    expect(await field.inputValue()).toBe(`${word}ab`);
    expect(await count.innerText()).toBe('0 on this page.');
    expect(tab.unexpected()).toEqual([]);
  });

  test('a slow answer to an earlier text never replaces that to a later one', async () => {
    const tab = await openAdmin();
    await tab.goto('/admin/search');
    await tab.page.route(/q=slow$/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue().catch(() => {});
    });
    const asked = tab.page.waitForRequest(/q=slow$/);
    await tab.page.getByLabel(SEARCH).fill('slow');
    await asked;
    await tab.page.getByLabel(SEARCH).fill(admin.email);
    await expect.poll(() => tab.page.locator('#results a').allInnerTexts()).toEqual([admin.email]);
    await tab.page.waitForTimeout(1000);
    expect(await tab.page.locator('#results a').allInnerTexts()).toEqual([admin.email]);
    expect(tab.path()).toBe(`/admin/search?${new URLSearchParams({ q: admin.email })}`);
  });

  test('a search after the end of the session leads to the login', async () => {
    const tab = await openAdmin();
    await tab.goto('/admin/search');
    await tab.page.context().clearCookies();
    await tab.page.getByLabel(SEARCH).fill('ada');
    await tab.page.waitForURL(/\/account\/login\?to=/);
    expect(await tab.heading()).toBe('Log in');
  });

  test('every page takes input without an error, and only the search fetches meanwhile', async () => {
    const tab = await openAdmin();
    for (const path of pagesOf(admin)) {
      await tab.goto(path);
      const before = tab.requests.length;
      const texts = tab.page.locator('main form :is(input:not([type=hidden]), textarea)');
      for (const field of await texts.all()) await field.fill('1');
      for (const field of await tab.page.locator('main form select').all()) {
        await field.selectOption({ index: 1 });
      }
      // The search waits for 200 ms.
      await tab.page.waitForTimeout(500);
      const fetched = tab.requests.slice(before).filter((each) => each.startsWith('GET'));
      expect([path, fetched.length > 0]).toEqual([path, path === '/admin/search']);
      expect([path, tab.unexpected()]).toEqual([path, []]);
    }
  });

  test.each([
    ['dark', 320],
    ['light', 1280],
  ] as const)(
    'in %s mode at %d pixels, every page fits and passes axe',
    async (colorScheme, width) => {
      const tab = await openAdmin({ colorScheme, viewport: { width, height: 800 } });
      for (const path of pagesOf(admin)) {
        await tab.goto(path);
        expect(tab.path()).toBe(path);
        for (const summary of await tab.page.locator('summary').all()) await summary.click();
        expect([path, await tab.cutOff()]).toEqual([path, []]);
        expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect([path, await tab.violations()]).toEqual([path, []]);
      }
      expect(tab.unexpected()).toEqual([]);
    },
  );
});
