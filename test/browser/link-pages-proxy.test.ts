import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LinkAction } from '../../src/config/message-kinds.ts';
import { en } from '../../src/features/link-pages/texts/en.ts';
import { Api, uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { cut, type FaultProxy, page, startFaultProxy } from '../support/fault-proxy.ts';
import { GOOD, INVALID, linkTo, SHORT, Tab } from '../support/link-tab.ts';
import { TEST_CLOCK_HEADER } from '../support/movable-clock/header.ts';
import { freePort, startTimedTarget, type Target } from '../support/targets.ts';

const MINUTE = 60_000;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
});

describe('pages of links below a path of a proxy', () => {
  let target: Target;
  let proxy: FaultProxy;
  let api: Api;
  beforeAll(async () => {
    const [port, prefix] = [await freePort(), '/accounts'];
    const publicUrl = `http://127.0.0.1:${port}${prefix}/`;
    target = await startTimedTarget('node', {
      PUBLIC_URL: publicUrl,
      RATE_LIMIT_LOGIN_ADDRESS: '30/30m',
    });
    proxy = await startFaultProxy(target.baseUrl, { prefix, port });
    api = new Api(target.baseUrl);
  });
  afterAll(async () => {
    await proxy?.close();
    await target?.stop();
  });

  const at = (time: number) => ({ [TEST_CLOCK_HEADER]: String(time) });

  test('an address is verified, changed and restored, by the links as they stand in the messages', async () => {
    const start = Date.now();
    const [account, email] = [await api.newAccount(), uniqueEmail()];
    const follow = async (action: LinkAction, to: string, time: number) => {
      const link = await linkTo(api, action, to);
      expect(link.startsWith(`${proxy.baseUrl}/account/${action}#`)).toBe(true);
      const tab = await Tab.open(browser, link, { extraHTTPHeaders: at(time) });
      expect(tab.page.url()).toBe(`${proxy.baseUrl}/account/${action}`);
      await tab.submit('Done.');
      expect(tab.calls).toEqual([expect.stringContaining(`POST ${proxy.baseUrl}/auth/`)]);
      expect(tab.complaints).toEqual([]);
    };
    const request = async (path: string, body: object, time: number) => {
      const answer = await api.json('POST', path, body, { ...account.bearer, ...at(time) });
      expect(answer.status).toBe(202);
    };
    const profile = async () => (await api.get('/profile/me', account.bearer)).body;

    await request('/auth/verification', { channel: 'email' }, start);
    await follow('verify', account.email, start);
    await request('/auth/email/change', { email }, start + 2 * MINUTE);
    await follow('change', email, start + 2 * MINUTE);
    expect(await profile()).toMatchObject({ email, email_verified: true });
    await follow('undo', account.email, start + 4 * MINUTE);
    expect((await api.get('/profile/me', account.bearer)).status).toBe(401);

    await api.json(
      'POST',
      '/auth/password/forgot',
      { username: account.email },
      at(start + 6 * MINUTE),
    );
    const tab = await Tab.open(browser, await linkTo(api, 'reset', account.email), {
      extraHTTPHeaders: at(start + 6 * MINUTE),
    });
    await tab.password().fill(GOOD);
    await tab.submit(en.done.reset);
    expect((await api.logIn(account.email, GOOD)).status).toBe(200);
  });

  async function openReset(time = Date.now()): Promise<Tab> {
    const { email } = await api.newAccount();
    await api.json('POST', '/auth/password/forgot', { username: email });
    const link = await linkTo(api, 'reset', email);
    const tab = await Tab.open(browser, link, { extraHTTPHeaders: at(time) });
    await tab.password().fill(GOOD);
    return tab;
  }

  test('a link that has expired is not accepted', async () => {
    const tab = await openReset(Date.now() + 61 * MINUTE);
    await tab.submit(INVALID);
  });

  test('after a lost connection, a page of the proxy and a limit, the same page works', async () => {
    const tab = await openReset(Date.now() + 10 * MINUTE);
    const later = 'This did not work. Try again in 1 minute.';
    proxy.next('POST /auth/password/reset', cut, cut);
    await tab.submit(later);
    expect(await tab.outcome().textContent()).toBe(later);
    proxy.calm('POST /auth/password/reset');
    proxy.next('POST /auth/verification/confirm', page(502));
    const verify = await Tab.open(browser, `${proxy.baseUrl}/account/verify#token`);
    await verify.submit(later);

    await tab.password().fill('short');
    const limit = tab.outcome().filter({ hasText: 'Too many requests' });
    while ((await limit.count()) === 0) {
      await tab.button().click();
      await tab.page.locator('#reason').filter({ hasText: SHORT }).or(limit).waitFor();
    }
    expect(await tab.outcome().innerText()).toMatch(
      /^This did not work. Try again in \d+ minutes\.\n+Too/,
    );
    expect(await tab.button().isVisible()).toBe(true);
    await tab.page.setExtraHTTPHeaders(at(Date.now() + 45 * MINUTE));
    await tab.password().fill(GOOD);
    await tab.submit(en.done.reset);
  });
});
