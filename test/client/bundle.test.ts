import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { ROOT } from '../support/targets.ts';

async function bundle(minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/client.ts'],
    bundle: true,
    minify,
    write: false,
    platform: 'neutral',
    target: 'es2019',
    format: 'esm',
  });
  return outputFiles[0]?.text ?? '';
}

/**
 * A third of this is the methods of operations, the change listeners, the device tokens, and the hints for misspelled
 * paths.
 */
const MAX_SIZE = 7.5 * 1024;

test('the client is less than 7.5 KiB, minified and compressed', async () => {
  const size = gzipSync(await bundle(true), { level: 9 }).length;
  expect(size).toBeGreaterThan(1024);
  expect(size).toBeLessThan(MAX_SIZE);
});

test('it imports nothing, and uses nothing that React Native lacks', async () => {
  const text = await bundle(false);
  expect(text).toContain('function createClient(');
  expect(text).not.toMatch(/^\s*import\b|\bimport\(|\brequire\(|node:/m);
  expect(text).not.toMatch(
    /\b(structuredClone|URLSearchParams|URL|FormData|TextEncoder|crypto|atob|btoa|Buffer|process|DOMException)\b|AbortSignal\.|throwIfAborted|Object\.hasOwn/,
  );
});
