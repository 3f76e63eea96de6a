import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** A tab of a user, which records what its browser complains about. */
export class UserTab {
  readonly page: Page;
  readonly baseUrl: string;
  readonly complaints: string[] = [];

  constructor(page: Page, baseUrl: string) {
    this.page = page;
    this.baseUrl = baseUrl;
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** Opens a tab in a browser of its own until the test ends. */
  static async open(
    browser: Browser,
    baseUrl: string,
    options: BrowserContextOptions = {},
  ): Promise<UserTab> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    onTestFinished(() => context.close());
    return new UserTab(await context.newPage(), baseUrl);
  }

  goto = (path: string) => this.page.goto(`${this.baseUrl}${path}`);

  /** The path and query of the page. */
  path(): string {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  text = () => this.page.locator('main').innerText();

  /** Fills in fields by their labels, presses a button, and waits for the page that follows. */
  async send(button: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    for (const [label, value] of Object.entries(fields)) {
      await this.page.getByLabel(label, { exact: true }).fill(value);
    }
    await Promise.all([
      this.page.waitForEvent('load'),
      this.page.getByRole('button', { name: button, exact: true }).click(),
    ]);
  }

  async logIn(username: string, password: string): Promise<void> {
    await this.goto('/account/login');
    await this.send('Log in', { 'Email address or phone number': username, Password: password });
  }

  /** What the browser complains about, besides the statuses of failures that the test has caused. */
  unexpected = () => this.complaints.filter((text) => !/status of (400|403|422)/.test(text));
}

/** Serves one page at an origin of its own until the test ends. Returns the origin. */
export async function serveAttack(host: string, html: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(html);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}
