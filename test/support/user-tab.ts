import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { newPage, Tab } from './page-tab.ts';

/** A tab of a user, which records what its browser complains about. */
export class UserTab extends Tab {
  /** Opens a tab in a browser of its own until the test ends. */
  static override async open(
    browser: Browser,
    baseUrl: string,
    options: BrowserContextOptions = {},
  ): Promise<UserTab> {
    return new UserTab(await newPage(browser, options), baseUrl);
  }

  text = () => this.page.locator('main').innerText();

  /** Fills in fields by their labels, presses a button, and waits for the page that follows. */
  async send(button: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.fill(fields);
    await Promise.all([this.page.waitForEvent('load'), this.button(button).click()]);
  }

  async logIn(username: string, password: string): Promise<void> {
    await this.goto('/account/login');
    await this.send('Log in', { 'Email address or phone number': username, Password: password });
  }

  /** What the browser complains about, besides the statuses of failures that the test has caused. */
  override unexpected = () =>
    this.complaints.filter((text) => !/status of (400|403|422)/.test(text));
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
