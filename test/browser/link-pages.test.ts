import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LINK_ACTIONS, type LinkAction } from '../../src/config/message-kinds.ts';
import { en } from '../../src/features/link-pages/texts/en.ts';
import { hi } from '../../src/features/link-pages/texts/hi.ts';
import { type Account, Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { GOOD, INVALID, linkTo, SHORT, Tab } from '../support/link-tab.ts';
import { CONTRAST, CUT_OFF } from '../support/page-checks.ts';
import { startTarget, type Target } from '../support/targets.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
});

const tokenIn = (link: string): string => link.split('#')[1] ?? '';

const isLoggedIn = async (api: Api, { bearer }: Pick<Account, 'bearer'>): Promise<boolean> =>
  (await api.get('/profile/me', bearer)).status === 200;

describe.each(['node', 'workerd-d1'] as const)('pages of links in Chromium on %s', (name) => {
  let target: Target;
  let api: Api;
  beforeAll(async () => {
    target = await startTarget(name);
    api = new Api(target.baseUrl);
  });
  afterAll(async () => {
    await target?.stop();
  });

  /** Requests a message, and opens its link at the address of this target. */
  async function openLink(action: LinkAction, to: string, options?: BrowserContextOptions) {
    const token = tokenIn(await linkTo(api, action, to));
    return {
      token,
      tab: await Tab.open(browser, `${target.baseUrl}/account/${action}#${token}`, options),
    };
  }

  async function forgot(): Promise<Account> {
    const account = await api.newAccount(uniqueEmail());
    await api.json('POST', '/auth/password/forgot', { username: account.email });
    return account;
  }

  test('a forgotten password: a weak one is rejected beside its field, a good one logs in', async () => {
    const account = await forgot();
    const { tab, token } = await openLink('reset', account.email);
    expect(tab.page.url()).toBe(`${target.baseUrl}/account/reset`);
    expect(await tab.page.title()).toBe('Set new password');

    await tab.password().fill('short');
    await tab.button().click();
    await tab.page.locator('#reason').filter({ hasText: SHORT }).waitFor();
    const focused = tab.page.locator(':focus');
    expect(await focused.getAttribute('id')).toBe('password');
    expect(await focused.getAttribute('aria-invalid')).toBe('true');
    expect(await tab.page.getByRole('textbox', { description: SHORT }).count()).toBe(1);
    expect(await tab.outcome().textContent()).toBe('');

    await tab.password().fill(account.email);
    await tab.button().click();
    await tab.page.locator('#reason').filter({ hasText: 'too similar to your email' }).waitFor();
    expect(await isLoggedIn(api, account)).toBe(true);

    await tab.password().fill(GOOD);
    await tab.submit(en.done.reset);
    expect(await tab.page.locator('form').isVisible()).toBe(false);
    expect(await tab.page.locator(':focus').getAttribute('id')).toBe('outcome');
    expect((await api.logIn(account.email, GOOD)).status).toBe(200);
    expect((await api.logIn(account.email, account.password)).status).toBe(400);
    expect(await isLoggedIn(api, account)).toBe(false);

    expect(tab.calls).toEqual(Array(3).fill(`POST ${target.baseUrl}/auth/password/reset`));
    for (const sent of await Promise.all(tab.headers)) {
      expect([sent.origin, sent.referer]).toEqual([target.baseUrl, undefined]);
    }
    expect(tab.unexpected()).toEqual([]);

    const again = await Tab.open(browser, `${target.baseUrl}/account/reset#${token}`);
    await again.password().fill('analytical engines');
    await again.submit(INVALID);
    expect(await again.outcome().textContent()).toBe(`${en.failed}${INVALID}`);
    expect(await again.page.locator('form').isVisible()).toBe(false);
    expect((await api.logIn(account.email, GOOD)).status).toBe(200);
  });

  test('a page that is fetched, rendered and closed uses no link up', async () => {
    const account = await forgot();
    const { tab, token } = await openLink('reset', account.email);
    await tab.page.waitForLoadState('networkidle');
    expect(tab.calls).toEqual([]);
    for (const method of ['GET', 'HEAD']) await api.request(method, `/account/reset?${token}`);
    await tab.page.close();
    const { tab: next } = await openLink('reset', account.email);
    await next.password().fill(GOOD);
    await next.submit(en.done.reset);
  });

  test('everything works by keyboard, and the password can be shown', async () => {
    const account = await forgot();
    const { tab } = await openLink('reset', account.email);
    const { keyboard } = tab.page;
    const type = () => tab.password().getAttribute('type');
    expect(await tab.password().getAttribute('autocomplete')).toBe('new-password');
    await keyboard.press('Tab');
    await keyboard.type(GOOD);
    await keyboard.press('Tab');
    await keyboard.press('Space');
    expect([await type(), await tab.page.getByLabel('Show password').isChecked()]).toEqual([
      'text',
      true,
    ]);
    await keyboard.press('Space');
    expect(await type()).toBe('password');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await tab.outcome().filter({ hasText: en.done.reset }).waitFor();
    expect((await api.logIn(account.email, GOOD)).status).toBe(200);
  });

  test('without a password, the browser asks for one and nothing is sent', async () => {
    const { tab } = await openLink('reset', (await forgot()).email);
    await tab.button().click();
    expect(await tab.page.locator('#password:invalid:focus').count()).toBe(1);
    expect(tab.calls).toEqual([]);
  });

  test('a press on the button while a request is in flight sends nothing', async () => {
    const account = await forgot();
    const { tab } = await openLink('reset', account.email);
    await tab.password().fill(GOOD);
    await tab.page.evaluate(`for (let i = 0; i < 5; i++) document.querySelector('button').click()`);
    await tab.outcome().filter({ hasText: en.done.reset }).waitFor();
    expect(tab.calls).toHaveLength(1);
  });

  test('the address of an account is verified', async () => {
    const account = await api.newAccount();
    await api.json('POST', '/auth/verification', { channel: 'email' }, account.bearer);
    const { tab, token } = await openLink('verify', account.email);
    expect((await api.get('/profile/me', account.bearer)).at('email_verified')).toBe(false);
    await tab.submit(en.done.verify);
    expect((await api.get('/profile/me', account.bearer)).at('email_verified')).toBe(true);
    expect(tab.complaints).toEqual([]);
    const again = await Tab.open(browser, `${target.baseUrl}/account/verify#${token}`);
    await again.submit(INVALID);
  });

  test('an address that somebody else has entered is taken away from that account', async () => {
    const account = await api.newAccount();
    await api.json('POST', '/auth/verification', { channel: 'email' }, account.bearer);
    const { tab } = await openLink('undo', account.email);
    expect(await tab.page.locator('main').textContent()).toContain(en.undo);
    await tab.submit(en.done.undo);
    expect(tab.calls).toEqual([`POST ${target.baseUrl}/auth/email/undo`]);
    expect(await isLoggedIn(api, account)).toBe(false);
    expect((await api.logIn(account.email, account.password)).status).toBe(400);
  });

  test('so is a phone number', async () => {
    const phone = `+91${uniquePhone()}`;
    const signUp = await api.json('POST', '/api/v1/auth/signup', {
      phone,
      password: 'analytical engine',
    });
    const bearer = { Authorization: `Bearer ${signUp.at('data.token')}` };
    await api.json('POST', '/auth/verification', { channel: 'phone' }, bearer);
    const { tab } = await openLink('undo', phone);
    await tab.submit(en.done.undo);
    expect(tab.calls).toEqual(
      ['email', 'phone'].map((channel) => `POST ${target.baseUrl}/auth/${channel}/undo`),
    );
    expect(await isLoggedIn(api, { bearer })).toBe(false);
    expect(tab.unexpected()).toEqual([]);
  });

  test('a link that logs in explains where to enter the code, and sends nothing', async () => {
    const tab = await Tab.open(browser, `${target.baseUrl}/account/login#token`);
    expect(tab.page.url()).toBe(`${target.baseUrl}/account/login`);
    const shown = await tab.page.locator('main').innerText();
    expect(shown).toContain(en.login);
    expect(shown).toContain('APP_LINKS.login');
    expect([tab.calls, tab.complaints]).toEqual([[], []]);
  });

  test.each(['verify', 'reset', 'change', 'undo'])(
    'without a token, the page of %s says so; a link pasted into the same tab works',
    async (action) => {
      const tab = await Tab.open(browser, `${target.baseUrl}/account/${action}`);
      expect(await tab.outcome().innerText()).toBe(en.incomplete);
      expect(await tab.page.locator('form').isVisible()).toBe(false);
      await tab.page.goto(`${target.baseUrl}/account/${action}#${'a'.repeat(43)}`);
      await tab.button().waitFor();
      expect(tab.page.url()).toBe(`${target.baseUrl}/account/${action}`);
      if (action === 'reset') await tab.password().fill(GOOD);
      await tab.submit(INVALID);
      expect(tab.unexpected()).toEqual([]);
    },
  );

  test('a link of a length that no link has is not accepted', async () => {
    const tab = await Tab.open(browser, `${target.baseUrl}/account/verify#${'a'.repeat(300)}`);
    await tab.submit(en.failed);
  });

  test('without JavaScript, the page says that it needs it', async () => {
    const options = { javaScriptEnabled: false };
    const tab = await Tab.open(browser, `${target.baseUrl}/account/reset#token`, options);
    expect(await tab.page.locator('main').innerText()).toContain(en.needsScript);
    expect(await tab.page.locator('form').isVisible()).toBe(false);
  });

  test.each([
    [320, 'light'],
    [320, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)(
    'at %i pixels, %s: nothing is cut off, all text is legible',
    async (width, colorScheme) => {
      const options = { viewport: { width, height: 700 }, colorScheme };
      for (const locale of ['en', 'hi']) {
        for (const action of LINK_ACTIONS) {
          const url = `${target.baseUrl}/account/${action}#token`;
          const tab = await Tab.open(browser, url, { ...options, locale });
          const check = async (state: string) => {
            const cutOff = await tab.page.evaluate<string[]>(CUT_OFF);
            expect([locale, action, state, cutOff]).toEqual([locale, action, state, []]);
            expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
            const contrasts = await tab.page.evaluate<number[]>(
              `[...document.querySelectorAll('h1, p, label, input, button')].map(${CONTRAST})`,
            );
            expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
          };
          await check('open');
          if (action !== 'login') {
            await tab.page.evaluate(
              `document.querySelectorAll('#reason p, #outcome p').forEach((p) => { p.textContent = ${JSON.stringify(`${hi.failed} ${'m'.repeat(80)}`)}; })`,
            );
            await check('failed');
          }
          expect([tab.calls, tab.complaints]).toEqual([[], []]);
          await tab.page.close();
        }
      }
    },
  );
});
