import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { CUT_OFF } from '../support/page-checks.ts';
import { LONG_TESTED_PAGES } from '../support/server.ts';
import { startTimedTarget, type Target } from '../support/targets.ts';
import { serveAttack, UserTab } from '../support/user-tab.ts';
import * as people from '../support/verified-people.ts';

const NEW = 'difference engine';
const PAGES = [
  ...['', '/profile', '/security', '/password', '/addresses', '/addresses/email'],
  ...['/addresses/phone', '/sessions', '/devices', '/activity', '/confirm', '/data'],
].map((path) => `/account${path}`);

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
});

describe.each(LONG_TESTED_PAGES)('account pages in Chromium on %s', (name) => {
  let target: Target;
  let api: Api;
  beforeAll(async () => {
    target = await startTimedTarget(name, {});
    api = new Api(target.baseUrl);
  });
  afterAll(async () => {
    await target?.stop();
  });

  const newVerified = () => people.newVerified(api);
  const openTab = (options = {}) => UserTab.open(browser, target.baseUrl, options);

  describe.each([
    ['on', true],
    ['off', false],
  ])('with JavaScript %s', (_, javaScriptEnabled) => {
    test('a user edits the profile, changes the password and ends another session', async () => {
      const account = await newVerified();
      const tab = await openTab({ javaScriptEnabled });
      await tab.logIn(account.email, account.password);
      expect(tab.path()).toBe('/account');

      await tab.goto('/account/profile');
      await tab.send('Save', { Name: 'Ada <b>', 'About you': 'one\n\ntwo' });
      expect(tab.path()).toBe('/account?done=profileSaved');
      expect(await tab.text()).toContain('Ada <b>');
      expect(await tab.text()).toContain('one\n\ntwo');

      const other = await openTab({ javaScriptEnabled });
      await other.logIn(account.email, account.password);
      await tab.goto('/account/sessions');
      const ends = tab.page.getByRole('button', { name: /^End it: / });
      await Promise.all([tab.page.waitForEvent('load'), ends.first().click()]);
      expect(tab.path()).toBe('/account/sessions?done=sessionEnded');
      await other.goto('/account');
      expect(other.path()).toBe('/account/login');

      await tab.goto('/account/password');
      await tab.send('Change password', { 'Current password': 'wrong one', 'New password': NEW });
      expect(await tab.page.locator(':focus').getAttribute('id')).toBe('current_password');
      await tab.send('Change password', {
        'Current password': account.password,
        'New password': NEW,
      });
      expect(tab.path()).toBe('/account/security?done=passwordChanged');
      expect((await api.logIn(account.email, NEW)).status).toBe(200);
      expect(tab.unexpected()).toEqual([]);
    });

    test('a user changes the phone number by a code', async () => {
      const account = await api.newAccount(uniqueEmail());
      const phone = uniquePhone();
      const tab = await openTab({ javaScriptEnabled });
      await tab.logIn(account.email, account.password);
      await tab.goto('/account/addresses/phone');
      await tab.send('Send code', { 'New phone number': phone });
      expect(tab.path()).toBe('/account/addresses?done=changeCodeSent');
      const code = await people.codeIn(api, phone.slice(-10), 'change');
      await tab.send('Change number', { 'Code from the message': code });
      expect(tab.path()).toBe('/account/addresses?done=phoneChanged');
      expect(tab.unexpected()).toEqual([]);
    });

    test('a user confirms who it is, by password and by code', async () => {
      const account = await newVerified();
      const tab = await openTab({ javaScriptEnabled });
      await tab.logIn(account.email, account.password);
      const confirm = async (id: string, secret: string) => {
        const form = tab.page.locator('form', { has: tab.page.locator(id) });
        await form.locator(id).fill(secret);
        await Promise.all([tab.page.waitForEvent('load'), form.getByRole('button').click()]);
      };
      await tab.goto('/account/confirm?to=/account/activity');
      await tab.send('Send a code');
      await confirm('#code', await people.codeIn(api, account.email, 'reauthenticate'));
      expect(tab.path()).toBe('/account/activity');
      await tab.goto('/account/confirm?to=/account/devices');
      await confirm('#password', account.password);
      expect(tab.path()).toBe('/account/devices');
      expect(tab.unexpected()).toEqual([]);
    });

    test('a user removes a device, downloads the data twice and deletes the account', async () => {
      const account = await newVerified();
      const tab = await openTab({ javaScriptEnabled });
      await tab.logIn(account.email, account.password);
      await tab.goto('/account/devices');
      const removal = tab.page.getByRole('button', { name: /^Remove: / });
      const count = await removal.count();
      await Promise.all([tab.page.waitForEvent('load'), removal.last().click()]);
      expect(await removal.count()).toBe(count - 1);

      await tab.goto('/account/data');
      for (let i = 0; i < 2; i++) {
        const [file] = await Promise.all([
          tab.page.waitForEvent('download'),
          tab.page.getByRole('button', { name: 'Download' }).click(),
        ]);
        expect(file.suggestedFilename()).toBe('latchkey-export.json');
        const data = JSON.parse(readFileSync(await file.path(), 'utf8'));
        expect(data.profile.email).toBe(account.email);
      }
      await tab.send('Delete account', {
        'To confirm, enter DELETE': 'DELETE',
        Password: account.password,
      });
      expect(tab.path()).toBe('/account/deleted');
      expect(await tab.text()).toContain('The account is deleted');
      const cookies = await tab.page.context().cookies();
      expect(cookies.map((cookie) => cookie.name)).toEqual(['latchkey_form']);
      expect((await api.logIn(account.email, account.password)).status).toBe(400);
      expect(tab.unexpected()).toEqual([]);
    });

    test('after a logout, the back button shows nothing', async () => {
      const account = await newVerified();
      const tab = await openTab({ javaScriptEnabled });
      await tab.logIn(account.email, account.password);
      await tab.goto('/account/activity');
      await tab.send('Log out');
      await tab.page.goBack();
      await tab.page.waitForURL(/\/account\/login/);
      expect(await tab.page.content()).not.toContain(account.email);
    });
  });

  test('a user changes the email address by a link, and undoes it', async () => {
    const account = await newVerified();
    const email = uniqueEmail();
    const tab = await openTab();
    await tab.logIn(account.email, account.password);
    await tab.goto('/account/addresses/email');
    await tab.send('Send link', { 'New email address': email });
    expect(await tab.text()).toContain(email);
    const press = () =>
      Promise.all([
        tab.page.waitForEvent('load'),
        tab.page.locator('main form[data-link] button').click(),
      ]);
    await tab.goto(await people.linkIn(api, email, 'change'));
    await press();
    await tab.goto('/account/addresses');
    expect(await tab.text()).toContain(`${email} (verified)`);
    await tab.goto(await people.linkIn(api, account.email, 'undo'));
    await press();
    await tab.goto('/account');
    expect(tab.path()).toBe('/account/login');
    expect((await api.logIn(account.email, account.password)).status).toBe(400);
    expect(tab.unexpected()).toEqual([]);
  });

  test('two tabs do not overwrite each other', async () => {
    const account = await newVerified();
    const tab = await openTab();
    await tab.logIn(account.email, account.password);
    await tab.goto('/account/profile');
    const second = new UserTab(await tab.page.context().newPage(), target.baseUrl);
    await second.goto('/account/profile');
    await tab.send('Save', { Name: 'First' });
    await second.send('Save', { Name: 'Second' });
    expect(await second.text()).toContain('changed elsewhere');
    expect(await second.page.getByLabel('Name', { exact: true }).inputValue()).toBe('Second');
    await second.send('Save');
    expect(await second.text()).toContain('Second');
  });

  /** A page that submits a form as soon as it is shown. */
  const submitting = (path: string, fields: Record<string, string>) =>
    `<form method="post" action="${target.baseUrl}${path}">${Object.entries(fields)
      .map(([key, value]) => `<input name="${key}" value="${value}">`)
      .join('')}</form><script>document.forms[0].submit()</script>`;

  test.each([
    ['another site', 'localhost'],
    ['another port of the same site', '127.0.0.1'],
  ])('forms of %s change nothing and log nobody in', async (_, host) => {
    const account = await newVerified();
    const mallory = await newVerified();
    const tab = await openTab();
    await tab.logIn(account.email, account.password);
    for (const [path, fields] of [
      ['/account/profile', { name: 'Mallory', version: '1' }],
      ['/account/sessions', { session: 'all' }],
      ['/account/addresses/email', { email: mallory.email }],
      ['/account/data', { way: 'delete', word: 'DELETE', password: account.password }],
      ['/account/logout', {}],
      ['/account/login', { username: mallory.email, password: mallory.password }],
    ] as const) {
      const origin = await serveAttack(host, submitting(path, fields));
      const [answer] = await Promise.all([
        tab.page.waitForResponse(`${target.baseUrl}${path}`),
        tab.page.goto(origin),
      ]);
      expect([path, answer.status()]).toEqual([path, 403]);
      await tab.goto('/account');
      expect(await tab.text()).toContain(account.email);
    }
    const stranger = await openTab();
    await stranger.page.goto(
      await serveAttack(
        host,
        submitting('/account/login', { username: mallory.email, password: mallory.password }),
      ),
    );
    await stranger.page.waitForURL(`${target.baseUrl}/account/login`);
    await stranger.goto('/account');
    expect(stranger.path()).toBe('/account/login');
  });

  test.each(['localhost', '127.0.0.1'])('no page of %s can frame a page', async (host) => {
    const account = await newVerified();
    const tab = await openTab();
    await tab.logIn(account.email, account.password);
    const origin = await serveAttack(
      host,
      `<iframe src="${target.baseUrl}/account/data"></iframe>`,
    );
    await tab.page.goto(origin);
    await expect.poll(() => tab.complaints.join()).toContain('frame-ancestors');
    const frame = tab.page.frames()[1];
    expect(await frame?.evaluate('document.body?.innerText ?? ""')).not.toContain('Delete');
  });

  test.each(['light', 'dark'] as const)(
    'in %s mode, every page fits 320 pixels and passes axe',
    async (colorScheme) => {
      const account = await newVerified();
      const tab = await openTab({ colorScheme, viewport: { width: 320, height: 640 } });
      await tab.logIn(account.email, account.password);
      for (const path of PAGES) {
        await tab.goto(path);
        expect(tab.path()).toBe(path);
        const cutOff = await tab.page.evaluate<string[]>(CUT_OFF);
        expect([path, cutOff.filter((html) => !html.includes('class="skip"'))]).toEqual([path, []]);
        expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(320);
        expect([path, await tab.violations()]).toEqual([path, []]);
      }
      expect(tab.unexpected()).toEqual([]);
    },
  );
});
