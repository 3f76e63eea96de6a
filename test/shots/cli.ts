// `npm run shots [FOLDER]`: takes screenshots of every account page and admin page, wide and at 320 px, light and dark.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { Api } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { codeIn } from '../support/verified-people.ts';

const FOLDER = resolve(process.argv[2] ?? 'shots');
const PASSWORD = 'analytical engine';

/** The pages for visitors who are not logged in, and those for users who are. */
const OPEN = ['login', 'signup', 'forgot', 'reset', 'code', 'verify', 'change', 'undo'];
const OWN = [
  '',
  'profile',
  'picture',
  'security',
  'password',
  'addresses',
  'addresses/email',
  'sessions',
  'devices',
  'activity',
  'confirm',
  'data',
];
/** Those for administrators, by the names of their screenshots. */
const ADMIN = {
  dashboard: '/admin',
  users: '/admin/search',
  user: '/admin/user?id=1',
  act: '/admin/user/act?id=1&do=profile',
  remove: '/admin/user/act?id=1&do=remove',
  invite: '/admin/invite',
  audit: '/admin/events',
};
const LOOKS = [
  { name: 'wide-light', width: 1280, scheme: 'light' },
  { name: 'wide-dark', width: 1280, scheme: 'dark' },
  { name: 'narrow-light', width: 320, scheme: 'light' },
  { name: 'narrow-dark', width: 320, scheme: 'dark' },
] as const;

async function openPage(browser: Browser, look: (typeof LOOKS)[number]): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 800 },
    colorScheme: look.scheme,
    locale: 'en-GB',
  });
  return context.newPage();
}

/** Takes one screenshot, and names the page if it is wider than the window or does not exist. */
async function shoot(page: Page, url: string, name: string): Promise<string[]> {
  const response = await page.goto(url);
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  console.log(path);
  const width = await page.locator('html').evaluate((root) => root.scrollWidth);
  const isWide = width > (page.viewportSize()?.width ?? 0);
  return [
    ...(response?.status() === 200 ? [] : [`${name}: status ${response?.status()}`]),
    ...(isWide ? [`${name}: wider than the window`] : []),
  ];
}

/** A portrait of a setting sun. */
const portrait = (): Promise<Buffer> => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800">
<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#264a7d"/><stop offset="1" stop-color="#f0a35e"/></linearGradient></defs>
<rect width="600" height="800" fill="url(#sky)"/><circle cx="300" cy="430" r="120" fill="#ffe3a3"/>
<path d="M0 560 150 430 300 560 420 470 600 600V800H0Z" fill="#1d2b3a"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
};

/** Takes a screenshot of the preview of a picture that is chosen. */
async function shootPreview(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  const file = { name: 'sun.png', mimeType: 'image/png', buffer: await portrait() };
  await page.getByLabel('New picture', { exact: true }).setInputFiles(file);
  await page.getByRole('img', { name: 'Preview' }).waitFor();
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  console.log(path);
}

async function takeAll(browser: Browser, baseUrl: string): Promise<string[]> {
  const problems: string[] = [];
  for (const look of LOOKS) {
    const page = await openPage(browser, look);
    for (const name of OPEN) {
      problems.push(...(await shoot(page, `${baseUrl}/account/${name}`, `${name}-${look.name}`)));
    }
    await page.goto(`${baseUrl}/account/login`);
    await page.getByLabel('Email address or phone number').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${baseUrl}/account`);
    for (const name of OWN) {
      const path = name === '' ? '/account' : `/account/${name}`;
      const shot = `${name.replace('/', '-') || 'overview'}-${look.name}`;
      problems.push(...(await shoot(page, `${baseUrl}${path}`, shot)));
    }
    await shootPreview(page, `${baseUrl}/account/picture`, `picture-chosen-${look.name}`);
    for (const [name, path] of Object.entries(ADMIN)) {
      problems.push(...(await shoot(page, `${baseUrl}${path}`, `admin-${name}-${look.name}`)));
    }
    await page.context().close();
  }
  return problems;
}

/** Verifies the address of the user, who becomes an administrator, sets a picture, and adds others with logins of both outcomes. */
async function makeAdmin(api: Api): Promise<void> {
  const token = (await api.logIn('ada@example.com', PASSWORD)).at('access_token');
  const bearer = { Authorization: `Bearer ${token}` };
  await api.json('POST', '/auth/verification', { channel: 'email' }, bearer);
  const code = await codeIn(api, 'ada@example.com', 'verify');
  await api.json('POST', '/auth/verification/confirm', { channel: 'email', code }, bearer);
  await fetch(`${api.baseUrl}/profile/me/avatar`, {
    method: 'PUT',
    headers: { ...bearer, 'Content-Type': 'image/png' },
    body: new Uint8Array(await portrait()),
  });
  for (let i = 0; i < 5; i++) {
    const email = `user-${i}@example.com`;
    await api.json('POST', '/auth/signup', { email, password: PASSWORD });
    await api.logIn(email, i % 2 === 0 ? 'wrong' : PASSWORD);
  }
}

const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
mkdirSync(FOLDER, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'latchkey-shots-'));
const server = await startProcess({
  label: 'latchkey',
  command: process.execPath,
  args: [resolve('dist/runtime/node.js')],
  cwd: data,
  env: {
    ...bareEnvironment(),
    ...{ PORT: '0', APP_ENV: 'development', LOG_LEVEL: 'error', RATE_LIMIT_LOGIN: 'off' },
    ...{ RATE_LIMIT_SIGNUP: 'off', SEED_DEMO_USER: 'false', ADMIN_EMAIL: 'ada@example.com' },
  },
  ready: /(http:\/\/127\.0\.0\.1:\d+)\/docs/,
});
const browser = await startBrowser(STRICT_ARGUMENTS);
try {
  const baseUrl = server.match[1] ?? '';
  const api = new Api(baseUrl);
  await api.json('POST', '/auth/signup', {
    email: 'ada@example.com',
    password: PASSWORD,
    name: 'Ada Lovelace',
  });
  await makeAdmin(api);
  const problems = await takeAll(browser, baseUrl);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
