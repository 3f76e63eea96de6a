import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../src/features/messages/message.ts';
import { renderMail } from '../../src/features/messages/render.ts';
import { linkOf, nameOf, samplesOf } from '../messages/samples.ts';
import { startBrowser } from '../support/browser.ts';
import { CONTRAST, CUT_OFF } from '../support/page-checks.ts';

const URL_OF_MAIL = 'http://mail.example/';
/** The longest address that an account can have. */
const LONG = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.bücher${'d'.repeat(30)}.example`;

describe('mails in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    page = await browser.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });

  afterAll(async () => {
    await browser?.close();
  });

  async function open(message: Message): Promise<void> {
    const { html } = renderMail(message, linkOf);
    await page.unrouteAll();
    await page.route('**/*', (route) => {
      const isMail = route.request().url() === URL_OF_MAIL;
      return isMail ? route.fulfill({ contentType: 'text/html', body: html }) : route.abort();
    });
    await page.goto(URL_OF_MAIL);
  }

  test.each([320, 1280])('at a width of %i pixels nothing is cut off', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    for (const message of samplesOf('email', { to: LONG })) {
      await open(message);
      const cutOff = await page.evaluate<string[]>(CUT_OFF);
      expect([nameOf(message), cutOff]).toEqual([nameOf(message), []]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  test.each(['light', 'dark'] as const)('all text is legible in %s mode', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await open(
      samplesOf('email').find(({ undo, code, token }) => undo && code && token) as Message,
    );
    const contrasts = await page.evaluate<number[]>(
      `[...document.querySelectorAll('p, a')].map(${CONTRAST})`,
    );
    expect(contrasts.length).toBeGreaterThan(8);
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
    await page.emulateMedia({ colorScheme: null });
  });

  test('copying the code copies six digits', async () => {
    await open(samplesOf('email').find(({ code }) => code) as Message);
    const copied = await page.evaluate<string>(`(() => {
      const code = [...document.querySelectorAll('p')].find((p) => /^\\d{6}$/.test(p.textContent));
      getSelection().selectAllChildren(code);
      return getSelection().toString();
    })()`);
    expect(copied).toBe('123456');
  });

  test('no mail loads anything, and the console is empty', () => {
    expect(requests.length).toBeGreaterThan(80);
    expect(new Set(requests)).toEqual(new Set([URL_OF_MAIL]));
    expect(complaints).toEqual([]);
  });
});
