import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { uniqueEmail } from '../support/api.ts';
import { STRICT_ARGUMENTS, startBrowser } from '../support/browser.ts';
import { installClient } from '../support/client-package.ts';
import { freePort } from '../support/free-port.ts';
import { bareEnvironment, type RunningProcess, startProcess } from '../support/process.ts';
import { ROOT, startTarget, type Target } from '../support/targets.ts';

const EXAMPLE = join(ROOT, 'examples/react-vite');
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
const PASSWORD = 'analytical engine';

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const readManifest = (folder: string) =>
  manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));

let target: Target;
let browser: Browser;
/** A copy of the example, with the packed client and links to the packages of this repository. */
let project: string;
let env: Record<string, string>;
let built: RunningProcess;
let page: Page;
/** The errors and warnings of the pages. */
const complaints: string[] = [];

const { dependencies, devDependencies } = readManifest(EXAMPLE);
const { 'latchkey-client': client, ...packages } = { ...dependencies, ...devDependencies };

const startVite = (...args: string[]): Promise<RunningProcess> =>
  startProcess({
    label: 'vite',
    command: process.execPath,
    args: [VITE, ...args],
    cwd: project,
    env,
    ready: /Local: +(http:\/\/localhost:\d+)\//,
  });

beforeAll(async () => {
  target = await startTarget('node');
  env = { ...bareEnvironment(), NO_COLOR: '1', VITE_API_URL: target.baseUrl };
  project = mkdtempSync(join(tmpdir(), 'latchkey-example-'));
  const isSource = (path: string) => !['node_modules', 'dist'].includes(basename(path));
  cpSync(EXAMPLE, project, { recursive: true, filter: isSource });
  installClient(project);
  for (const name of Object.keys(packages)) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: project, env, stdio: 'pipe' });
  run(join(ROOT, 'node_modules/typescript/bin/tsc'));
  run(VITE, 'build');
  built = await startVite('preview', '--port', String(await freePort()), '--strictPort');
  browser = await startBrowser(STRICT_ARGUMENTS);
  page = await open(built);
});

afterAll(async () => {
  await browser?.close();
  await built?.stop();
  await target?.stop();
  if (project) rmSync(project, { recursive: true, force: true });
});

/** Opens the app in a browser context of its own. */
async function open({ match }: RunningProcess, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    colorScheme: scheme,
    permissions: ['local-network-access'],
  });
  return openTab(await context.newPage(), match[1] ?? '');
}

async function openTab(tab: Page, url: string): Promise<Page> {
  tab.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  tab.on('pageerror', (error) => complaints.push(error.message));
  await tab.goto(url);
  return tab;
}

const button = (on: Page, name: string) => on.getByRole('button', { name, exact: true });
const heading = (on: Page, name: string) => on.getByRole('heading', { name, exact: true });

async function logIn(on: Page, username: string, password: string): Promise<void> {
  await on.getByLabel('Email address or phone number').fill(username);
  await on.getByLabel('Password').fill(password);
  await button(on, 'Log in').click();
}

/** The width that the page needs. If it exceeds the viewport, content is cut off or scrolls. */
const widthOf = (on: Page) => on.evaluate('document.documentElement.scrollWidth');

describe('examples/react-vite', () => {
  const email = uniqueEmail();

  test('depends on the versions that this repository tests it with', () => {
    const { devDependencies: own } = readManifest(ROOT);
    expect(own).toMatchObject(packages);
    expect(client).toBe('file:../../packages/client');
  });

  test('signs up, edits the profile, and keeps both across a reload', async () => {
    await button(page, 'Sign up instead').click();
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await button(page, 'Create account').click();
    await heading(page, 'Profile').waitFor();
    await page.getByLabel('Bio').fill('First programmer.');
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await page.getByText(email).waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Ada');
    expect(await page.getByLabel('Bio').inputValue()).toBe('First programmer.');
    expect(await widthOf(page)).toBe(320);
  });

  test('lists the sessions and ends another one, which then shows the login form', async () => {
    const other = await open(built, 'dark');
    onTestFinished(() => other.context().close());
    const background = 'getComputedStyle(document.body).backgroundColor';
    expect(await other.evaluate(background)).not.toBe(await page.evaluate(background));
    await logIn(other, email, PASSWORD);
    await heading(other, 'Sessions').waitFor();
    await page.reload();
    const items = page.getByRole('listitem');
    await expect.poll(() => items.count()).toBe(2);
    expect(await widthOf(page)).toBe(320);
    await button(page, 'End').click();
    await expect.poll(() => items.count()).toBe(1);
    expect(complaints).toEqual([]);
    await button(other, 'Save').click();
    await other.getByText('Your session has ended. Log in again.').waitFor();
    await heading(other, 'Log in').waitFor();
    // The browser logs the 401 of the ended session, and of its refresh.
    expect(complaints.splice(0).every((text) => text.includes('401'))).toBe(true);
  });

  test('a logout in one tab reaches the other at once', async () => {
    const tab = await openTab(await page.context().newPage(), built.match[1] ?? '');
    await button(tab, 'Log out').click();
    await heading(tab, 'Log in').waitFor();
    await heading(page, 'Log in').waitFor();
    await logIn(tab, email, PASSWORD);
    await heading(page, 'Your account').waitFor();
    await tab.close();
    await button(page, 'Log out').click();
    await heading(page, 'Log in').waitFor();
    // The token of the known device outlives the logout.
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual(['latchkey.devices']);
    expect(complaints).toEqual([]);
  });

  test('shows why a login failed, and keeps the input', async () => {
    await logIn(page, email, 'wrong password');
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/wrong|incorrect|invalid/i);
    expect(await page.getByLabel('Email address or phone number').inputValue()).toBe(email);
    expect(await widthOf(page)).toBe(320);
    expect(complaints.splice(0).every((text) => text.includes('400'))).toBe(true);
  });

  test('runs with Vite’s development server, on a port unknown to the API', async () => {
    const dev = await startVite('--port', '5173');
    onTestFinished(async () => void (await dev.stop()));
    const app = await open(dev);
    onTestFinished(() => app.context().close());
    await logIn(app, DEMO_USER.phone.entered, DEMO_USER.password);
    await heading(app, 'Your account').waitFor();
    await button(app, 'Log out').click();
    await heading(app, 'Log in').waitFor();
    expect(complaints).toEqual([]);
  });
});
