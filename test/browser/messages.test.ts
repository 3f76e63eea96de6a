import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../src/features/messages/message.ts';
import { renderMail } from '../../src/features/messages/render.ts';
import { linkOf, nameOf, samplesOf } from '../messages/samples.ts';
import { startBrowser } from '../support/browser.ts';

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
      const cutOff = await page.evaluate<string[]>(`
        [...document.querySelectorAll('body *')]
          .filter((element) => {
            const { left, right } = element.getBoundingClientRect();
            return left < 0 || right > innerWidth || element.scrollWidth > element.clientWidth + 1;
          })
          .map(({ outerHTML }) => outerHTML)`);
      expect([nameOf(message), cutOff]).toEqual([nameOf(message), []]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  /** The contrast of an element's text with the first background behind it (WCAG 2.2 section 1.4.3). */
  const CONTRAST = `(element) => {
    const bytes = (colour) => {
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour) => {
      const [r, g, b] = bytes(colour).slice(0, 3).map((byte) => byte / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
    let background = isDark ? 'rgb(18, 18, 18)' : 'white';
    for (let at = element; at; at = at.parentElement) {
      const own = getComputedStyle(at).backgroundColor;
      if (bytes(own)[3] === 255) { background = own; break; }
    }
    const [a, b] = [getComputedStyle(element).color, background].map(luminance);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }`;

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
