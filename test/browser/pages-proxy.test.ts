import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LinkAction } from '../../src/config/message-kinds.ts';
import { Api, uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { cut, type FaultProxy, page, startFaultProxy } from '../support/fault-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { TEST_CLOCK_HEADER } from '../support/movable-clock/header.ts';
import { messageTo, Tab } from '../support/page-tab.ts';
import { startTimedTarget, type Target } from '../support/targets.ts';

const MINUTE = 60_000;
const PASSWORD = 'analytical engine';
const NEW_PASSWORD = 'difference engine';
const USERNAME = 'Email address or phone number';

describe('pages below a path of a proxy', () => {
  let browser: Browser;
  let target: Target;
  let proxy: FaultProxy;
  let api: Api;
  beforeAll(async () => {
    browser = await startBrowser(STRICT_ARGUMENTS);
    const [port, prefix] = [await freePort(), '/accounts'];
    target = await startTimedTarget('node', { PUBLIC_URL: `http://127.0.0.1:${port}${prefix}/` });
    proxy = await startFaultProxy(target.baseUrl, { prefix, port });
    api = new Api(target.baseUrl);
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.close();
    await target?.stop();
  });

  const at = (time: number) => ({ [TEST_CLOCK_HEADER]: String(time) });

  /** Opens a link as it stands in the newest message of its action. */
  async function follow(tab: Tab, action: LinkAction, to: string): Promise<void> {
    const { text } = await messageTo(api, action, to);
    const [link = ''] = new RegExp(`\\S+/account/${action}#[\\w-]{43}`).exec(text) ?? [];
    expect(link.startsWith(`${proxy.baseUrl}/account/${action}#`)).toBe(true);
    // The page of the link may be shown already: then only the fragment would change.
    await tab.page.goto('about:blank');
    await tab.page.goto(link);
    await tab.page.waitForURL((url) => url.hash === '');
  }

  test('an account is created, verified, changed and restored; every request stays below the path', async () => {
    const [start, email, other] = [Date.now(), uniqueEmail(), uniqueEmail()];
    const tab = await Tab.open(browser, proxy.baseUrl);
    await tab.setTime(start);
    await tab.goto('/account');
    expect(tab.path()).toBe('/account/login');
    await tab.follow('Create an account');
    await tab.submit('Create account', { 'Email address': email, Password: PASSWORD });
    await follow(tab, 'verify', email);
    await tab.submit('Verify address');
    expect(tab.path()).toBe('/account?done=addressVerified');
    await tab.goto('/account/login/?done=loggedOut');
    expect(tab.path()).toBe('/account');
    await tab.submit('Log out');

    const answer = await api.request('POST', '/auth/login', {
      headers: at(start),
      body: new URLSearchParams({ username: email, password: PASSWORD }),
    });
    const bearer = { Authorization: `Bearer ${answer.at('access_token')}` };
    const later = start + 2 * MINUTE;
    await tab.setTime(later);
    const change = { email: other };
    await api.json('POST', '/auth/email/change', change, { ...bearer, ...at(later) });
    await follow(tab, 'change', other);
    await tab.submit('Confirm address');
    await expect
      .poll(async () => (await messageTo(api, 'undo', email)).text)
      .toContain('is no longer the email address');
    await follow(tab, 'undo', email);
    await tab.submit('Undo the change');
    expect(tab.path()).toBe('/account/forgot?done=undone');

    await tab.setTime(start + 4 * MINUTE);
    await tab.submit('Send message', { [USERNAME]: email });
    await follow(tab, 'reset', email);
    await tab.submit('Set new password', { 'New password': NEW_PASSWORD });
    await tab.submit('Log in', { [USERNAME]: email, Password: NEW_PASSWORD });
    expect(tab.path()).toBe('/account');
    expect(tab.unexpected()).toEqual([]);
  });

  /** Opens the link for a new password of a new account. */
  async function openReset(time: number): Promise<{ tab: Tab; email: string }> {
    const { email } = await api.newAccount();
    await api.json('POST', '/auth/password/forgot', { username: email });
    const tab = await Tab.open(browser, proxy.baseUrl);
    await tab.setTime(time);
    await follow(tab, 'reset', email);
    return { tab, email };
  }

  test('a link that has expired is not accepted', async () => {
    const { tab } = await openReset(Date.now() + 61 * MINUTE);
    await tab.submit('Set new password', { 'New password': NEW_PASSWORD });
    expect(await tab.alert()).toContain('wrong, used or expired');
    expect(await tab.field('Link from the message').isVisible()).toBe(true);
  });

  test('after a page of the proxy and a lost connection, the link still works', async () => {
    const { tab, email } = await openReset(Date.now());
    // The browser itself repeats a form whose connection was lost.
    proxy.next('POST /account/reset', page(502), ...Array(8).fill(cut));
    await tab.submit('Set new password', { 'New password': 'short' });
    expect(await tab.page.content()).toContain('Bad gateway');
    await follow(tab, 'reset', email);
    await tab.fill({ 'New password': NEW_PASSWORD });
    await tab.button('Set new password').click();
    await expect.poll(() => tab.page.url()).toMatch(/^chrome-error:/);
    proxy.calm('POST /account/reset');
    await follow(tab, 'reset', email);
    await tab.submit('Set new password', { 'New password': NEW_PASSWORD });
    expect(tab.path()).toBe('/account/login?done=passwordReset');
  });
});
