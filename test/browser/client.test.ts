import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { type FaultProxy, heldUntil, startFaultProxy } from '../support/fault-proxy.ts';
import { ROOT, startTarget, type Target } from '../support/targets.ts';

/** An origin that CORS_ORIGINS allows by default. Every call of its pages is cross-origin. */
const ORIGIN = 'http://localhost:8081';
const PAGE = `${ORIGIN}/page`;
const REFRESH = 'POST /auth/refresh';

let target: Target;
let proxy: FaultProxy;
let browser: Browser;
let bundle = '';

beforeAll(async () => {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/client.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'latchkey',
  });
  bundle = outputFiles[0]?.text ?? '';
  target = await startTarget('node');
  proxy = await startFaultProxy(target.baseUrl);
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await target?.stop();
});

/** Opens a tab with its own client on the shared `localStorage`. */
async function openTab(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(PAGE);
  await tab.evaluate(`
    globalThis.signedOut = [];
    globalThis.client = latchkey.createClient({
      baseUrl: ${JSON.stringify(proxy.baseUrl)},
      tokens: latchkey.webStorageTokens(localStorage),
      onSignedOut: ({ code }) => signedOut.push(code),
    });
    globalThis.changes = [];
    client.onChange(({ type }) => changes.push(type));
    globalThis.spoil = () => {
      const tokens = JSON.parse(localStorage.getItem('latchkey'));
      tokens.accessToken = tokens.accessToken.slice(0, -8) + 'AAAAAAAA';
      localStorage.setItem('latchkey', JSON.stringify(tokens));
    };
    globalThis.read = () => client.getProfile().then(
      ({ status, etag }) => [status, typeof etag],
      ({ code, name }) => [name, code],
    );
  `);
  return tab;
}

const stored = (tab: Page) => tab.evaluate("localStorage.getItem('latchkey')");
const read = (tab: Page) => tab.evaluate('read()');
const READ = [200, 'string'];

describe('latchkey-client in two tabs of Chromium', () => {
  let context: BrowserContext;
  let tabs: [Page, Page];

  beforeEach(async () => {
    // A page that is served by `route` needs this permission to call a server on this machine.
    context = await browser.newContext({ permissions: ['local-network-access'] });
    await context.route(PAGE, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<script>${bundle}</script>` }),
    );
    tabs = [await openTab(context), await openTab(context)];
    const user = JSON.stringify([uniqueEmail(), 'analytical engine']);
    await tabs[0].evaluate(`(async ([email, password]) => {
      await client.signUp({ email, password });
      await client.logIn(email, password);
    })(${user})`);
    proxy.seen.length = 0;
    return () => context.close();
  });

  test('a login in one tab applies to the other; ETag is readable across origins', async () => {
    expect(await Promise.all(tabs.map(read))).toEqual([READ, READ]);
    expect(await tabs[1].evaluate('client.logOut()')).toEqual({ revoked: true });
    for (const tab of tabs) expect(await read(tab)).toEqual(['ProblemError', 'not_authenticated']);
    await read(tabs[0]);
    // Only the other tab is notified of the logout, once.
    const told = await Promise.all(tabs.map((tab) => tab.evaluate('signedOut')));
    expect(told).toEqual([['not_authenticated'], []]);
  });

  test('each tab learns of the other’s login, refresh and logout without a request', async () => {
    const changes = (tab: Page) => () => tab.evaluate('changes');
    await expect.poll(changes(tabs[1])).toEqual(['login']);
    await tabs[0].evaluate('client.refreshTokens()');
    await expect.poll(changes(tabs[1])).toEqual(['login', 'refresh']);
    await tabs[1].evaluate('client.logOut()');
    await expect.poll(changes(tabs[0])).toEqual(['login', 'refresh', 'lost']);
    expect(await tabs[0].evaluate('client.getSession()')).toBeUndefined();
    expect(await changes(tabs[1])()).toEqual(['login', 'refresh', 'logout']);
    expect(proxy.count('GET /profile/me')).toBe(0);
  });

  test('localStorage is shared with the other tabs, sessionStorage is not', async () => {
    const names =
      '[localStorage, sessionStorage].map((s) => latchkey.webStorageTokens(s).sharedAs)';
    expect(await tabs[0].evaluate(names)).toEqual(['latchkey', undefined]);
  });

  test('ten calls in each tab with an invalid token: one refresh, all succeed', async () => {
    await tabs[0].evaluate('spoil()');
    proxy.next(REFRESH, heldUntil(delay(300)));
    const calls = 'Promise.all(Array.from({ length: 10 }, read))';
    const answers = await Promise.all(tabs.map((tab) => tab.evaluate(calls)));
    expect(answers.flat()).toEqual(Array.from({ length: 20 }, () => READ));
    expect(proxy.count(REFRESH)).toBe(1);
    const told = await Promise.all(tabs.map((tab) => tab.evaluate('signedOut')));
    expect(told).toEqual([[], []]);
  });

  test('a logout in one tab while the other refreshes: no token is stored again', async () => {
    await tabs[0].evaluate('spoil()');
    let open = () => {};
    proxy.next(
      REFRESH,
      heldUntil(
        new Promise<void>((resolve) => {
          open = resolve;
        }),
      ),
    );
    const call = read(tabs[0]);
    await expect.poll(() => proxy.count(REFRESH)).toBe(1);
    expect(await tabs[1].evaluate('client.logOut()')).toEqual({ revoked: true });
    open();
    expect(await call).toEqual(['ProblemError', 'invalid_token']);
    expect(await stored(tabs[0])).toBeNull();
  });

  test('a tab that freezes while it holds the lock does not log the other out', async () => {
    await tabs[0].evaluate('spoil()');
    // The server has rotated the token, but the tab never stores the new one.
    const status = await tabs[1].evaluate(`new Promise((resolve) => {
      const baseUrl = ${JSON.stringify(proxy.baseUrl)};
      navigator.locks.request('latchkey-refresh-latchkey@' + baseUrl, async () => {
        const { refreshToken } = JSON.parse(localStorage.getItem('latchkey'));
        const response = await fetch(baseUrl + '/auth/refresh', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ refresh_token: refreshToken }),
        });
        resolve(response.status);
        return new Promise(() => {});
      });
    })`);
    expect(status).toBe(200);
    // The worst case: the first refresh of the other tab hangs too.
    proxy.next(REFRESH, heldUntil(delay(9000)));
    const start = performance.now();
    expect(await read(tabs[0])).toEqual(READ);
    expect(performance.now() - start).toBeGreaterThan(7500);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(proxy.count(REFRESH)).toBe(3);
    expect(await tabs[0].evaluate('signedOut')).toEqual([]);
  });

  test('a damaged item in localStorage counts as not logged in', async () => {
    await tabs[0].evaluate("localStorage.setItem('latchkey', '{')");
    expect(await read(tabs[1])).toEqual(['ProblemError', 'not_authenticated']);
  });
});
