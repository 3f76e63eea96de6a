import { expect, test } from 'vitest';
import { needs } from '../support/optional.ts';
import { run } from '../support/program.ts';
import { ROOT } from '../support/targets.ts';

const LIMIT_MS = 280_000;

test('npm run container:try: the Dockerfile builds, and what comes out serves, is confined, stops and keeps its data', async (context) => {
  needs(
    context,
    'root with unshare',
    'unshare',
    ...['--mount', '--pid', '--fork', 'setpriv', '--version'],
  );
  // The settings of npm, such as its registry.
  const npm = Object.entries(process.env).filter(([name]) =>
    /^(?:npm_config_|NODE_EXTRA|SSL_)/.test(name),
  );
  const settings = Object.fromEntries(npm.map(([name, value]) => [name, value ?? '']));
  const { status, stdout, stderr } = await run(
    ['npm', 'run', 'container:try'],
    ROOT,
    settings,
    LIMIT_MS,
  );
  expect([status, stderr]).toEqual([0, '']);
  const checks = stdout.split('\n').filter((line) => /^(?:yes|NO ) {2}/.test(line));
  expect(checks.length).toBeGreaterThan(15);
  expect(checks.filter((line) => !line.startsWith('yes'))).toEqual([]);
  expect(stdout).toMatch(/\nNot tried:\n- the base image/);
});
