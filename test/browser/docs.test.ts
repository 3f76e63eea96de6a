import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { startBrowser } from '../support/browser.ts';
import { startTarget, type Target, type TargetName } from '../support/targets.ts';

const targets: TargetName[] = ['node', 'workerd-d1'];

describe.each(targets)('/docs in Chromium on %s', (name) => {
  let target: Target;
  let browser: Browser;
  let page: Page;
  /** The errors and warnings of the page, as reported by the browser. */
  const complaints: string[] = [];
  const hosts = new Set<string>();

  beforeAll(async () => {
    target = await startTarget(name);
    browser = await startBrowser();
    page = await browser.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:') hosts.add(host);
    });
  });

  afterAll(async () => {
    await browser?.close();
    await target?.stop();
  });

  const operation = (id: string) => page.locator(`[id$="-${id}"]`);

  /** Opens an operation, sends it and returns the status and body that the page then shows. */
  async function tryOut(id: string, body?: unknown): Promise<{ status: string; body: unknown }> {
    const block = operation(id);
    if ((await block.locator('.opblock-body').count()) === 0) {
      await block.locator('.opblock-summary-control').click();
    }
    if (body !== undefined) {
      await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
    }
    const live = block.locator('.live-responses-table .response');
    // The response of an earlier try would be shown until the new one arrives.
    if ((await live.count()) > 0) {
      await block.locator('button.btn-clear').click();
      await live.waitFor({ state: 'detached' });
    }
    await block.locator('button.execute').click();
    await live.waitFor();
    const status = (await live.locator('.response-col_status').textContent()) ?? '';
    const text = await live
      .locator('.response-col_description .highlight-code code')
      .first()
      .textContent();
    return { status: status.trim(), body: JSON.parse(text ?? '') };
  }

  test('GET / redirects to the page, which lists every operation', async () => {
    await page.goto(`${target.baseUrl}/`);
    await operation('getProfile').waitFor();
    expect(new URL(page.url()).pathname).toBe('/docs');
    expect(await page.title()).toBe('Latchkey API');
    expect(await page.locator('.opblock').count()).toBe(55);
  });

  const dialog = () => page.locator('.auth-container');
  const openDialog = () => page.locator('button.authorize').first().click();
  const closeDialog = () => page.locator('.btn-done').first().click();

  /** Fills in the Authorize dialog and presses Enter. */
  async function logIn(password: string): Promise<void> {
    await dialog().locator('#oauth_username').fill(DEMO_USER.phone.entered);
    await dialog().locator('#oauth_password').fill(password);
    await page.keyboard.press('Enter');
  }

  test.each([
    [390, 844],
    [1280, 720],
  ])('at %i x %i, the Authorize dialog is in sight as a whole', async (width, height) => {
    await page.setViewportSize({ width, height });
    await openDialog();
    const button = await dialog().locator('button.authorize').boundingBox();
    expect(button?.width).toBeGreaterThan(50);
    expect(button?.y).toBeGreaterThan(0);
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan(height);
    const { scrollHeight, clientHeight } = await page.evaluate<Record<string, number>>(
      '(({ scrollHeight, clientHeight }) => ({ scrollHeight, clientHeight }))(document.querySelector(".modal-ux-content"))',
    );
    expect(scrollHeight).toBe(clientHeight);
    expect(await dialog().locator('input:visible, select:visible').count()).toBe(2);
    await closeDialog();
  });

  test('the Authorize dialog names the demo login, and shows why a login is rejected', async () => {
    const before = complaints.length;
    await openDialog();
    expect(await dialog().textContent()).toContain(
      `${DEMO_USER.phone.entered}, password ${DEMO_USER.password}.`,
    );
    await logIn('wrong');
    const problem = dialog().locator('.errors');
    await problem.waitFor();
    expect(await problem.textContent()).toBe('auth errorIncorrect email or password');
    await page.route('**/auth/login', (route) => route.abort());
    await logIn(DEMO_USER.password);
    await problem.filter({ hasText: 'Failed to fetch' }).waitFor();
    await page.unroute('**/auth/login');
    const expected = /status of 400|ERR_FAILED|^failed: .*\/auth\/login$/;
    expect(complaints.splice(before).filter((text) => !expected.test(text))).toEqual([]);
    await closeDialog();
  });

  test('Enter in the Authorize dialog logs the demo user in with the password flow', async () => {
    await openDialog();
    await logIn(DEMO_USER.password);
    await dialog().locator('button', { hasText: 'Logout' }).waitFor();
    await closeDialog();
  });

  test('the user stays logged in after a reload', async () => {
    await page.reload();
    await operation('getProfile').waitFor();
    await openDialog();
    await dialog().locator('button', { hasText: 'Logout' }).waitFor();
    await closeDialog();
  });

  test('[S61] the browser stores neither the password nor the refresh token', async () => {
    const stored = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage, ...sessionStorage })',
    );
    // Swagger UI also stores the description of the scheme, which names the public demo password once.
    const typed = stored.replace(`password \`${DEMO_USER.password}\``, '');
    expect(stored).toContain('access_token');
    expect(typed).not.toContain(DEMO_USER.password);
    expect(stored).not.toContain('refresh_token');
  });

  test('trying out GET /profile/me shows the profile', async () => {
    const { status, body } = await tryOut('getProfile');
    expect(status).toBe('200');
    expect(body).toMatchObject({ name: DEMO_USER.name, email: DEMO_USER.email.entered });
  });

  test('trying out PUT /profile/me changes the profile and shows it', async () => {
    const { status, body } = await tryOut('updateProfile', { bio: `Tried out on ${name}.` });
    expect(status).toBe('200');
    expect(body).toMatchObject({ name: DEMO_USER.name, bio: `Tried out on ${name}.` });
  });

  test('a rejected change shows the problem', async () => {
    const { status, body } = await tryOut('updateProfile', { bio: 5 });
    expect(status).toBe('422');
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '#/bio' }] });
  });

  test.each([390, 320])('at a width of %i pixels, nothing is cut off', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    const cutOff = await page.evaluate<string[]>(`
      [...document.querySelectorAll('#swagger-ui *')]
        .filter((element) => {
          const { right, width } = element.getBoundingClientRect();
          return width > 0 && right > innerWidth + 1 && element.closest('pre') === null;
        })
        .map(({ tagName, className }) => tagName + ' ' + className)`);
    expect(cutOff).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });

  test('at a width of 390 pixels, the name of a parameter is on one line', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const name = operation('getProfile').locator('.parameter__name', { hasText: 'if-none-match' });
    expect((await name.boundingBox())?.height).toBeLessThan(30);
  });

  test('follows the dark mode of the browser', async () => {
    const red = () =>
      page.evaluate<number>(
        'Number(getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0])',
      );
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html.dark-mode').waitFor({ state: 'attached' });
    expect(await red()).toBeLessThan(64);
    await page.emulateMedia({ colorScheme: 'light' });
    // The browser notifies the page asynchronously.
    await page.locator('html:not(.dark-mode)').waitFor({ state: 'attached' });
  });

  test('no request went to another host, and the console has no errors', async () => {
    expect([...hosts]).toEqual([new URL(target.baseUrl).host]);
    // The browser logs every response of 400 and above. The 422 above was intended.
    expect(complaints.filter((text) => !text.includes('status of 422'))).toEqual([]);
  });

  test('[S53] a form on a foreign page, which needs no preflight, cannot log in', async () => {
    const foreign = await browser.newPage();
    await foreign.route('http://evil.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${target.baseUrl}/auth/login">
          <input name="username" value="${DEMO_USER.phone.entered}">
          <input name="password" value="${DEMO_USER.password}">
          <button>Win a prize</button></form>`,
      }),
    );
    await foreign.goto('http://evil.example/');
    const answer = foreign.waitForResponse(`${target.baseUrl}/auth/login`);
    await foreign.locator('button').click();
    const { origin } = await (await answer).request().allHeaders();
    expect([origin, (await answer).status()]).toEqual(['http://evil.example', 403]);
    await foreign.close();
  });
});
