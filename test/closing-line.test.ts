import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './support/program.ts';
import { emptyFolder } from './support/server.ts';
import { ROOT } from './support/targets.ts';

test('the end of a run names what was not tested, and why; its last line has the numbers', async () => {
  const folder = emptyFolder();
  const tests = `test('a', () => {}); test('b', ({ skip }) => skip('no Go here')); test.skip('c', () => {});`;
  writeFileSync(join(folder, 'a.test.js'), `describe('of d', () => { ${tests} });`);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporter = join(ROOT, 'test/support/closing-line.ts');
  const options = ['run', '--root', folder, '--globals', '--reporter', reporter];
  const { status, stdout } = await run([process.execPath, vitest, ...options], folder);
  expect([status, stdout]).toEqual([
    0,
    '\nNot tested, no Go here: of d > b\n\n1 passed, 0 failed, 2 skipped\n',
  ]);
});
