import type { Browser, BrowserContextOptions } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exifData, insert, segment } from '../avatars/parts.ts';
import { Api, uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { CUT_OFF } from '../support/page-checks.ts';
import { LONG_TESTED_PAGES } from '../support/server.ts';
import { startTimedTarget, type Target } from '../support/targets.ts';
import { UserTab } from '../support/user-tab.ts';

const PATH = '/account/picture';
const SAVED = `${PATH}?done=pictureSaved`;
const NOT_IMAGE =
  'This file is not a picture that this browser can read. Choose a PNG, JPEG or WebP file.';

type Rgb = readonly [number, number, number];
const COLORS = {
  red: [255, 0, 0],
  green: [0, 160, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
} as const;

const area = (width: number, height: number, background: string) => ({
  create: { width, height, channels: 3 as const, background },
});

/**
 * A photo of a telephone that was held upright: its pixels lie on their side, 3000 × 2000, and its orientation says so.
 * As it is shown, its middle is a square of four colors, red, green, blue and yellow; what is above and below is black.
 */
async function photoOnItsSide(): Promise<Buffer> {
  const pixels = await sharp(area(3000, 2000, '#000'))
    .composite([
      { input: area(1000, 1000, '#f00'), left: 500, top: 1000 },
      { input: area(1000, 1000, '#00a000'), left: 500, top: 0 },
      { input: area(1000, 1000, '#00f'), left: 1500, top: 1000 },
      { input: area(1000, 1000, '#ff0'), left: 1500, top: 0 },
    ])
    .jpeg()
    .toBuffer();
  const exif = segment(0xe1, 'Exif\0\0', exifData('MM', 6, 'Secret Camera'));
  return Buffer.from(insert(pixels, 2, exif));
}

const file = (buffer: Buffer | string, name = 'photo.jpg') => ({
  name,
  mimeType: name.endsWith('png') ? 'image/png' : 'image/jpeg',
  buffer: Buffer.from(buffer),
});

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(STRICT_ARGUMENTS);
});
afterAll(async () => {
  await browser?.close();
});

describe.each(LONG_TESTED_PAGES)('the page of the picture in Chromium on %s', (name) => {
  let target: Target;
  let api: Api;
  beforeAll(async () => {
    target = await startTimedTarget(name, {});
    api = new Api(target.baseUrl);
  });
  afterAll(async () => {
    await target?.stop();
  });

  async function openTab(options: BrowserContextOptions = {}): Promise<UserTab> {
    const account = await api.newAccount(uniqueEmail());
    const tab = await UserTab.open(browser, target.baseUrl, options);
    await tab.logIn(account.email, account.password);
    await tab.goto(PATH);
    return tab;
  }

  const chooser = (tab: UserTab) => tab.page.getByLabel('New picture', { exact: true });
  const save = (tab: UserTab) => tab.button('Save picture');
  const preview = (tab: UserTab) => tab.page.getByRole('img', { name: 'Preview' });

  /** Chooses a file, and waits until the script has drawn it. */
  async function choose(tab: UserTab, chosen: ReturnType<typeof file>): Promise<void> {
    await chooser(tab).setInputFiles(chosen);
    await preview(tab).waitFor();
  }

  async function send(tab: UserTab): Promise<void> {
    await save(tab).click();
    await tab.page.waitForURL(`${target.baseUrl}${SAVED}`);
  }

  /** The picture that the page shows, as the server has it. */
  async function stored(tab: UserTab): Promise<Buffer> {
    const image = tab.page.getByRole('img', { name: 'Your picture', exact: true });
    const width = `document.querySelector('img.picture').naturalWidth`;
    await expect.poll(() => tab.page.evaluate(width)).toBeGreaterThan(0);
    const answer = await fetch(new URL((await image.getAttribute('src')) ?? '', tab.page.url()));
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  }

  async function colorAt(image: Buffer, left: number, top: number): Promise<Rgb> {
    const pixel = sharp(image).removeAlpha().extract({ left, top, width: 1, height: 1 });
    const [r = 0, g = 0, b = 0] = await pixel.raw().toBuffer();
    return [r, g, b];
  }

  const distance = (one: Rgb, other: Rgb): number =>
    Math.max(...one.map((value, at) => Math.abs(value - (other[at] ?? 0))));

  test('a photo of 3000 × 2000 with a place is cropped, turned upright, sent and shown', async () => {
    const tab = await openTab();
    expect(await save(tab).isDisabled()).toBe(true);
    const photo = await photoOnItsSide();
    const { exif, orientation } = await sharp(photo).metadata();
    expect([exif?.includes('Secret Camera'), orientation]).toEqual([true, 6]);
    await choose(tab, file(photo));
    const sent = tab.page.waitForRequest((request) => request.method() === 'PUT');
    await send(tab);
    expect((await sent).headers()['content-type']).toBe('image/webp');
    expect(await tab.page.getByText('The picture is saved.').isVisible()).toBe(true);

    const image = await stored(tab);
    const metadata = await sharp(image).metadata();
    expect(metadata).toMatchObject({ format: 'webp', width: 512, height: 512 });
    expect([metadata.exif, metadata.xmp, metadata.orientation]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(image.length).toBeLessThan(50_000);
    for (const [left, top, color] of [
      [20, 20, COLORS.red],
      [490, 20, COLORS.green],
      [20, 490, COLORS.blue],
      [490, 490, COLORS.yellow],
      // The square begins and ends with the colors: nothing black is left above and below.
      [250, 1, COLORS.red],
      [260, 510, COLORS.yellow],
    ] as const) {
      expect(distance(await colorAt(image, left, top), color)).toBeLessThan(48);
    }
    expect(tab.unexpected()).toEqual([]);
  });

  test('a second picture replaces the first, a small one is not enlarged, and both are removed', async () => {
    const tab = await openTab();
    const small = await sharp(area(40, 30, '#00f'))
      .png()
      .toBuffer();
    await choose(
      tab,
      file(
        await sharp(area(600, 700, '#f00'))
          .jpeg()
          .toBuffer(),
      ),
    );
    await send(tab);
    const first = await tab.page.getByRole('img').getAttribute('src');
    await choose(tab, file(small, 'small.png'));
    await Promise.all([tab.page.waitForEvent('load'), save(tab).click()]);
    expect(await tab.page.getByRole('img').getAttribute('src')).not.toBe(first);
    const image = await stored(tab);
    expect(await sharp(image).metadata()).toMatchObject({ width: 30, height: 30 });
    expect(distance(await colorAt(image, 15, 15), COLORS.blue)).toBeLessThan(48);
    await tab.send('Remove picture');
    expect(tab.path()).toBe(`${PATH}?done=pictureRemoved`);
    expect(await tab.text()).toContain('The account has no picture.');
    expect(tab.unexpected()).toEqual([]);
  });

  test('a browser that writes no WebP sends JPEG, on white where the picture is transparent', async () => {
    const tab = await openTab();
    // As Safari does: it writes PNG for a type that it cannot write.
    await tab.page.addInitScript(`
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (done, type, quality) {
        toBlob.call(this, done, type === 'image/webp' ? 'image/png' : type, quality);
      };`);
    await tab.goto(PATH);
    const background = { r: 0, g: 0, b: 0, alpha: 0 };
    const clear = sharp({ create: { width: 64, height: 64, channels: 4, background } });
    await choose(tab, file(await clear.png().toBuffer(), 'clear.png'));
    await send(tab);
    const image = await stored(tab);
    expect((await sharp(image).metadata()).format).toBe('jpeg');
    expect(distance(await colorAt(image, 32, 32), [255, 255, 255])).toBeLessThan(8);
    expect(tab.unexpected()).toEqual([]);
  });

  test('a text that is named .png is explained, and the next file is taken', async () => {
    const tab = await openTab();
    await chooser(tab).setInputFiles(file('no picture at all', 'text.png'));
    await expect.poll(() => tab.alert()).toBe(NOT_IMAGE);
    expect(await save(tab).isDisabled()).toBe(true);
    expect(await preview(tab).isVisible()).toBe(false);
    await choose(tab, file(await photoOnItsSide()));
    expect(await tab.page.locator('[role=alert]').isVisible()).toBe(false);
    await send(tab);
    expect(tab.unexpected()).toEqual([]);
  });

  test('while it is sent, a second click does nothing; offline is explained, and can be sent again', async () => {
    const tab = await openTab();
    await choose(tab, file(await photoOnItsSide()));
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await tab.page.route(`**${PATH}`, async (route) => {
      await held;
      await route.abort('internetdisconnected');
    });
    await save(tab).click();
    await expect.poll(() => tab.page.locator('#picture-status').innerText()).toBe('Sending…');
    expect([await save(tab).isDisabled(), await chooser(tab).isDisabled()]).toEqual([true, true]);
    go();
    await expect.poll(() => tab.alert()).toMatch(/^The service did not answer\./);
    expect(await tab.page.locator(':focus').innerText()).toBe('Save picture');
    expect(await tab.page.locator('#picture-status').innerText()).toBe('');
    expect(tab.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
    await tab.page.unroute(`**${PATH}`);
    await send(tab);
  });

  test('what the server or a proxy rejects is explained', async () => {
    const tab = await openTab();
    await choose(tab, file(await photoOnItsSide()));
    await tab.page.route(`**${PATH}`, (route) =>
      route.fulfill({ status: 502, contentType: 'text/plain', body: 'Bad gateway' }),
    );
    await save(tab).click();
    await expect.poll(() => tab.alert()).toBe('Something went wrong. Try again later.');
    await tab.page.unroute(`**${PATH}`);
    await tab.page.evaluate(`document.forms.picture.elements.form.value = 'x'`);
    await save(tab).click();
    await expect.poll(() => tab.alert()).toMatch(/^The form came from another page/);
  });

  test('a session that has ended leads to the login, and back', async () => {
    const account = await api.newAccount(uniqueEmail());
    const tab = await UserTab.open(browser, target.baseUrl);
    await tab.logIn(account.email, account.password);
    await tab.goto(PATH);
    await choose(tab, file(await photoOnItsSide()));
    await tab.page.context().clearCookies({ name: 'latchkey_session' });
    await save(tab).click();
    await tab.page.waitForURL(/\/account\/login\?to=%2Faccount%2Fpicture$/);
    await tab.send('Log in', {
      'Email address or phone number': account.email,
      Password: account.password,
    });
    expect(tab.path()).toBe(PATH);
    expect(tab.unexpected()).toEqual([]);
  });

  test('without JavaScript, the page says what is missing, and a removal works', async () => {
    const account = await api.newAccount(uniqueEmail());
    const scripted = await UserTab.open(browser, target.baseUrl);
    const tab = await UserTab.open(browser, target.baseUrl, { javaScriptEnabled: false });
    for (const each of [scripted, tab]) await each.logIn(account.email, account.password);
    await tab.goto(PATH);
    expect(await tab.text()).toContain('Choosing a picture needs JavaScript.');
    expect(await tab.page.locator('input[type=file]').isVisible()).toBe(false);
    await scripted.goto(PATH);
    expect(await scripted.text()).not.toContain('JavaScript');
    await choose(scripted, file(await photoOnItsSide()));
    await send(scripted);
    await tab.goto(PATH);
    await tab.send('Remove picture');
    expect(await tab.text()).toContain('The picture is removed.');
    expect(await tab.text()).toContain('The account has no picture.');
  });

  test.each(['light', 'dark'] as const)(
    'in %s mode, the page fits 320 pixels and passes axe in each state',
    async (colorScheme) => {
      const tab = await openTab({ colorScheme, viewport: { width: 320, height: 640 } });
      async function check(state: string): Promise<void> {
        const cutOff = await tab.page.evaluate<string[]>(CUT_OFF);
        expect([state, cutOff.filter((html) => !html.includes('class="skip"'))]).toEqual([
          state,
          [],
        ]);
        expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(320);
        expect([state, await tab.violations()]).toEqual([state, []]);
      }
      await check('empty');
      await chooser(tab).setInputFiles(file('no picture at all', 'text.png'));
      await expect.poll(() => tab.alert()).toBe(NOT_IMAGE);
      await check('rejected');
      await choose(tab, file(await photoOnItsSide(), `${'a-long-name-'.repeat(8)}.jpg`));
      await check('chosen');
      await send(tab);
      await stored(tab);
      await check('saved');
      expect(tab.unexpected()).toEqual([]);
    },
  );
});
