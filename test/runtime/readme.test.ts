import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

/** The first `sh` block of a text that begins with `BASE=`, and all that follow. */
function scriptsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks.slice(blocks.findIndex((block) => block.startsWith('BASE=')));
}

/** Runs scripts against a new server, in one shell, and expects that they print what their comments show. */
async function expectShown(scripts: readonly string[], between = ''): Promise<string[]> {
  const folder = emptyFolder();
  const { baseUrl } = await startServer('node', folder);
  const script = scripts.join(between);
  const own = script.replace('http://127.0.0.1:8000', baseUrl);
  expect(own).not.toBe(script);
  const { status, stdout } = await run(['sh', '-c', own], folder);
  const lines = stdout.trimEnd().split('\n');
  // Other comments are sentences, or stand behind a command.
  const shown = [...script.matchAll(/^# ([{(\d].*)$/gm)].map(([, line = '']) => line);
  expect([status, lines.length]).toEqual([0, shown.length]);
  for (const [at, line] of shown.entries()) {
    // An ellipsis stands for the rest of a response.
    const [start = '', end = ''] = line.split('…');
    const printed = lines[at]?.trim() ?? '';
    expect(printed.slice(0, start.trimEnd().length)).toBe(start.trimEnd());
    expect(printed.slice(printed.length - end.length)).toBe(end);
  }
  return shown;
}

test('the curls of the README print what the comments after them show', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [quickStart = ''] = /## Quick start[\s\S]*?\n\| runtime/.exec(readme) ?? [];
  expect(await expectShown(scriptsIn(quickStart))).toHaveLength(5);
});

test('so do those of the recovery and verification in docs/api.md', async () => {
  const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
  const [section = ''] = /## Recovery and verification[\s\S]*?\n## /.exec(page) ?? [];
  const program = join(emptyFolder(), 'forget.mjs');
  const client = import.meta.resolve('@libsql/client');
  writeFileSync(
    program,
    `import { createClient } from '${client}';
     const client = createClient({ url: 'file:data/latchkey.db' });
     await client.execute('delete from rate_limits');
     client.close();`,
  );
  // Forgets that a message was sent less than a minute ago.
  const forget = `\n'${process.execPath}' '${program}'\n`;
  expect(await expectShown(scriptsIn(section), forget)).toHaveLength(14);
});
