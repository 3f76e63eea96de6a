import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * What the Chromium of npm needs to start, and no more. Its own list makes all tabs one process and takes
 * the rules between origins away.
 */
export const STRICT_ARGUMENTS = ['--no-sandbox'];

/**
 * A real Chromium: the one that npm brings (Linux), or the one that `CHROMIUM_PATH` names. Fails by name
 * where there is none.
 *
 * @param args for the Chromium of npm
 */
export async function startBrowser(args: readonly string[] = chromium.args): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH;
  try {
    return await playwright.launch({
      executablePath: own ?? (await chromium.executablePath()),
      args: own ? [] : [...args],
      headless: true,
      timeout: 60_000,
    });
  } catch (error) {
    throw new Error('Chromium cannot start. Set CHROMIUM_PATH to one that does.', { cause: error });
  }
}
