import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importIn, reportOf, writeAccounts } from '../support/import-program.ts';
import { emptyFolder } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

const fixture = (name: string) => join(ROOT, 'test/fixtures', name);
const PMS = ['pms', '--from', `sqlite:${fixture('pms.db')}`];
const KPA = ['kpa', '--from', `sql:${fixture('kpa.sql')}`];
const MAPPED = ['csv', '--from', 'csv:a.csv', '--map'];

describe('latchkey import explains', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['an unknown kind', ['foo', '--from', 'csv:a'], /Allowed choices are pms, kpa/],
    ['a missing source', ['pms'], /^Missing argument: --from\n/],
    ['csv without a map', ['csv', '--from', 'csv:a'], /^csv needs --map FILE\.\n/],
    ['a map of another kind', [...PMS, '--map', 'a'], /^--map is for csv\.\n/],
    ['an unknown argument', [...PMS, '--force'], /^Unknown argument: --force\n/],
    ['a name that cannot be', [...PMS, '--source', "a'b"], /^It must be 1 to 63 characters/],
    ['an operator of two lines', [...PMS, '--operator', 'a\nb'], /^It must be a line/],
    ['an empty path', [...PMS, '--resolve', ''], /^It must be a path/],
    ['a form that is unknown', ['pms', '--from', 'x:y'], /^--from must be one of/],
    [
      'a form that the kind does not have',
      ['latchkey', '--from', 'sqlite:bad', '--report', 'r.txt'],
      /^The source latchkey can be read from/,
    ],
    ['a map that is not JSON', [...MAPPED, 'bad'], /bad is not valid JSON/],
    [
      'a map that is not valid',
      [...MAPPED, 'merge'],
      /merge is not a valid map .*unknown: 5, \?\[2J/s,
    ],
    ['decisions that are not JSON', [...PMS, '--resolve', 'bad'], /bad is not JSON\./],
    ['decisions that say nothing', [...PMS, '--resolve', 'merge'], /"5": must be "skip"/],
  ])('%s, with exit code 2', async (_, args, words) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'bad'), '{"5": "second@example.com"');
    writeFileSync(join(folder, 'merge'), '{"5": "merge", "\\u001b[2J": "merge"}');
    const { status, stdout, stderr } = await importIn(folder, args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(words)]);
    expect(stderr).toMatch(/\nUsage: latchkey import KIND --from FORM/);
    for (const part of ['\u001b', 'second@example.com']) expect(stderr).not.toContain(part);
    expect(readdirSync(folder)).toEqual(['bad', 'merge']);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['a file that is missing', ['pms', '--from', 'csv:none.csv'], /none\.csv does not exist/],
    ['decisions that are missing', [...PMS, '--resolve', 'none'], /none does not exist\.\n$/],
    ['decisions that are a folder', [...PMS, '--resolve', '.'], /is a folder\. Name a file\.\n$/],
    ['a map that is missing', [...MAPPED, 'none'], /none does not exist\.\n$/],
    ['a file of an unsafe name', ['pms', '--from', 'csv:\u001b[2J'], /\?\[2J does not exist/],
    ['a report without a folder', [...PMS, '--report', 'no/r.txt'], /r\.txt cannot be written/],
    ['a folder for D1 that has files', [...PMS, '--d1', '.'], /must be a new or an empty folder/],
  ])('%s, with exit code 1', async (_, args, words) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'a'), '');
    const { status, stdout, stderr } = await importIn(folder, args);
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(words)]);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('a database of another program, and one that is not migrated', async () => {
    const folder = emptyFolder();
    const other = await importIn(folder, KPA, { DATABASE_URL: `file:${fixture('pms.db')}` });
    expect([other.status, other.stderr]).toEqual([1, expect.stringMatching(/another program/)]);
    copyFileSync(fixture('0.1.0.db'), join(folder, 'a.db'));
    const old = await importIn(folder, KPA);
    expect([old.status, old.stderr]).toEqual([
      ...[1, expect.stringMatching(/^The database is not up to date\. Run `latchkey migrate`/)],
    ]);
  });

  test('a source that breaks off: what is before it is stored, and the report says so', async () => {
    const folder = emptyFolder();
    await writeAccounts(join(folder, 'a.csv'), 2500);
    writeFileSync(join(folder, 'a.csv'), '9999,"never closed', { flag: 'a' });
    const { status, stderr, report } = await reportOf(folder, ['pms', '--from', 'csv:a.csv']);
    expect([status, report.ended]).toEqual([1, 'failed']);
    expect(stderr).toMatch(/2502/);
    expect(report.counts.imported).toBe(2500);
    expect(existsSync(join(folder, 'a.db'))).toBe(true);
    const again = await importIn(folder, ['pms', '--from', 'csv:a.csv']);
    expect([again.status, again.stdout]).toEqual([
      ...[1, expect.stringMatching(/: failed; what comes before is imported; repair the source/)],
    ]);
    expect(again.stdout).not.toContain('it goes on');
  });
});
