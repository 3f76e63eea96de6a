import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { LinkAction } from '../../src/config/message-kinds.ts';
import type { Api } from './api.ts';

/** The detail of `invalid_code`. */
export const INVALID = 'The code or link is wrong, expired or used.';
/** The detail of a password that is too short. */
export const SHORT = 'The password must have at least 8 characters.';
/** A password that is accepted. */
export const GOOD = 'difference engine';

/** A tab with the page of a link. It records what it sends and what its browser complains about. */
export class Tab {
  readonly page: Page;
  /** Requests except that of the page, as `METHOD URL`. */
  readonly calls: string[] = [];
  readonly complaints: string[] = [];
  readonly headers: Promise<Record<string, string>>[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => {
      if (request.isNavigationRequest() || request.url() === 'data:,') return;
      this.calls.push(`${request.method()} ${request.url()}`);
      this.headers.push(request.allHeaders());
    });
  }

  /** Opens a page until the test ends. */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    onTestFinished(() => context.close());
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  outcome = () => this.page.locator('#outcome');
  button = () => this.page.getByRole('button');
  password = () => this.page.getByLabel('New password');

  /** Presses the button, and waits for an outcome that contains a text. */
  async submit(outcome: string): Promise<void> {
    await this.button().click();
    await this.outcome().filter({ hasText: outcome }).waitFor();
  }

  /** The browser itself reports each response of 400 and above. */
  unexpected = () => this.complaints.filter((text) => !/status of (400|429|502)/.test(text));
}

/** Waits for a message to an address that has a link, and returns the newest such link. */
export async function linkTo(api: Api, action: LinkAction, to: string): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const list = (await api.get('/dev/messages')).body as { to: string; text: string }[];
    const link = new RegExp(`\\S+/account/${action}#[\\w-]{43}`);
    return list
      .filter((message) => message.to === to)
      .flatMap(({ text }) => link.exec(text) ?? [])[0];
  };
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  return (await find()) ?? '';
}
