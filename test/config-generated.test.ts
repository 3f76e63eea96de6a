import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { settingsFiles } from '../scripts/settings.ts';
import { parseConfig } from '../src/config/config.ts';
import { onLaptop, parse, SETTINGS } from './support/settings.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('files that are generated from the list of settings', () => {
  test.each(settingsFiles())(
    '%s is up to date; if not: npm run settings:generate',
    (path, text) => {
      expect(read(path)).toBe(text);
    },
  );

  test('.env.example lists every setting once, with its default', () => {
    const text = read('.env.example');
    const names = [...text.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(SETTINGS);
    expect(parseConfig(parseEnv(text), onLaptop)).toEqual(parse({}));
  });

  test('docs/settings.md has a row of three columns for each setting', () => {
    const rows = read('docs/settings.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => /^\| `([A-Z0-9_]+)` \| [^|]+ \| [^|]+ \|$/.exec(row)?.[1])).toEqual(
      SETTINGS,
    );
  });
});
