import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * A real Chromium: the one that npm brings (Linux), or the one that `CHROMIUM_PATH` names. Fails by name
 * where there is none.
 */
export async function startBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH;
  try {
    return await playwright.launch({
      executablePath: own ?? (await chromium.executablePath()),
      args: own ? [] : chromium.args,
      headless: true,
      timeout: 60_000,
    });
  } catch (error) {
    throw new Error('Chromium cannot start. Set CHROMIUM_PATH to one that does.', { cause: error });
  }
}
