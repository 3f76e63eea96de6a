import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { emptyFolder } from '../support/server.ts';
import { fixture } from '../support/source-room.ts';
import { ROOT } from '../support/targets.ts';

/** The packages of the server itself, without those that only some sources need. */
const OWN = ['libsql', '@libsql/client', 'commander', 'nodemailer'];

test('without pg and mysql2, the build names the package and its command, and reads all files', async () => {
  const folder = emptyFolder();
  await build({
    absWorkingDir: ROOT,
    entryPoints: { open: 'src/runtime/sources/open.ts' },
    outdir: join(folder, 'dist/runtime'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: [...OWN, 'pg', 'mysql2'],
  });
  for (const name of OWN) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  cpSync(fixture('kpa-users.csv'), join(folder, 'users.csv'));

  const program = `
    import { openSource } from './dist/runtime/open.mjs';
    for (const from of ['postgres://u:p@h/d', 'mysql://u:p@h/d', 'csv:users.csv']) {
      const source = await openSource('kpa', from).catch(String);
      if (typeof source === 'string') console.log(source);
      else for await (const { account } of source.read()) console.log(account.phone);
    }`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toEqual([
    'CommandError: PostgreSQL needs the package pg: npm install pg',
    'CommandError: MySQL needs the package mysql2: npm install mysql2',
    '7760873976',
    '9876543210',
    '+14155550123',
    '098765 12345',
  ]);
});
