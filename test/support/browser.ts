import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * The only argument that the Chromium from npm needs to start. Its default arguments would run all tabs in one process
 * and disable the same-origin policy.
 */
export const STRICT_ARGUMENTS = ['--no-sandbox'];

/**
 * Starts a real Chromium: the one from npm (Linux), or the one at `CHROMIUM_PATH`.
 *
 * @param args the arguments for the Chromium from npm
 * @throws Error that names `CHROMIUM_PATH` if Chromium does not start
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
