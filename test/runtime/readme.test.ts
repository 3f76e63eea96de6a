import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

test('the curls of the README print what the comments after them show', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, script = ''] = /```sh\n(BASE=[\s\S]*?)```/.exec(readme) ?? [];
  const { baseUrl } = await startServer('node', emptyFolder());
  const own = script.replace('http://127.0.0.1:8000', baseUrl);
  expect(own).not.toBe(script);
  const { status, stdout } = await run(['sh', '-c', own], emptyFolder());
  const lines = stdout.trimEnd().split('\n');
  const shown = [...script.matchAll(/^# (.*)$/gm)].map(([, line = '']) => line);
  expect([status, lines.length]).toEqual([0, shown.length]);
  for (const [at, line] of shown.entries()) {
    // An ellipsis stands for the rest of a response.
    const [start = '', end = ''] = line.split('…');
    expect(lines[at]?.startsWith(start.trimEnd())).toBe(true);
    expect(lines[at]?.endsWith(end)).toBe(true);
  }
  expect(shown).toHaveLength(2);
});
