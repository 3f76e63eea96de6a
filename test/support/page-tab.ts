import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { LinkAction } from '../../src/config/message-kinds.ts';
import type { Api } from './api.ts';
import { TEST_CLOCK_HEADER } from './movable-clock/header.ts';
import { CUT_OFF } from './page-checks.ts';
import { type Received, receivedFrom } from './received.ts';

/** A tab with the pages of a server. It records what it requests and what its browser complains about. */
export class Tab {
  readonly page: Page;
  /** Where the pages are, without a slash at the end. */
  readonly baseUrl: string;
  /** Requests, as `METHOD URL`. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  constructor(page: Page, baseUrl: string) {
    this.page = page;
    this.baseUrl = baseUrl;
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.requests.push(`${request.method()} ${request.url()}`));
  }

  /** Opens an empty tab until the test ends. */
  static async open(
    browser: Browser,
    baseUrl: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    return new Tab(await newPage(browser, options), baseUrl);
  }

  goto = async (path: string): Promise<void> => void (await this.page.goto(this.baseUrl + path));
  /** The path and the parameters of the page. */
  path = (): string => this.page.url().slice(this.baseUrl.length);
  heading = () => this.page.locator('h1').innerText();
  alert = () => this.page.locator('[role=alert]').innerText();
  /** The name of the field that has the focus. */
  focused = () => this.page.locator(':focus').getAttribute('name');
  button = (name: string) => this.page.getByRole('button', { name, exact: true });
  field = (label: string) => this.page.getByLabel(label, { exact: true });

  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await this.field(label).fill(value);
  }

  /** Fills a form in, presses its button, and waits for the page that follows. */
  async submit(button: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.fill(fields);
    const answered = this.page.waitForResponse(
      (response) => response.request().method() === 'POST',
    );
    const loaded = this.page.waitForEvent('load');
    await this.button(button).click();
    await answered;
    await loaded;
  }

  async follow(link: string): Promise<void> {
    await Promise.all([
      this.page.waitForEvent('load'),
      this.page.getByRole('link', { name: link, exact: true }).click(),
    ]);
  }

  /** Sets the time of the server for the requests of this tab. */
  setTime = (time: number): Promise<void> =>
    this.page.context().setExtraHTTPHeaders({ [TEST_CLOCK_HEADER]: String(time) });

  /** What went wrong. The browser itself reports each response of 400 and above. */
  unexpected = (): string[] => [
    ...this.complaints.filter((text) => !/status of (400|403|422|429)/.test(text)),
    ...this.requests.filter((request) => {
      const url = request.split(' ')[1] ?? '';
      return !url.startsWith(`${this.baseUrl}/account`) && url !== 'data:,';
    }),
  ];

  /**
   * The elements that the window cuts off. Except the link to the content, which is out of sight until it has the focus,
   * and fields, which scroll.
   */
  async cutOff(): Promise<string[]> {
    const elements = await this.page.evaluate<string[]>(CUT_OFF);
    return elements.filter((html) => !/^<(a class="skip"|input) ?/.test(html));
  }

  /** The rules of axe that the page breaks, with the elements that do. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate<string[]>(`axe.run().then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Opens an empty page in a context of its own until the test ends. */
export async function newPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  onTestFinished(() => context.close());
  return context.newPage();
}

/** Waits for a message to an address that has the link of an action, and returns the newest. */
export async function messageTo(api: Api, action: LinkAction, to: string): Promise<Received> {
  const find = async (): Promise<Received | undefined> => {
    const list = (await api.get('/dev/messages')).body as Parameters<typeof receivedFrom>[0][];
    return list
      .filter((message) => message.to === to)
      .map(receivedFrom)
      .find(({ tokens }) => tokens[action]);
  };
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  const found = await find();
  if (!found) throw new Error('the message is gone');
  return found;
}
