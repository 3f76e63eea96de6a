import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/core/problems.ts';
import { TEXTS } from '../../src/features/pages/texts/texts.ts';
import { createPageRoom } from '../support/page-room.ts';

/** Each text by its path, such as `access.logIn.title`. */
const pathsOf = (value: unknown, path = ''): [string, string][] =>
  typeof value === 'string'
    ? [[path, value]]
    : Object.entries(Object(value)).flatMap(([name, member]) => pathsOf(member, `${path}.${name}`));

const placesIn = (text: string) => (text.match(/\{\w*\}/g) ?? []).sort();

describe('the texts of the pages', () => {
  const { account: _en, ...en } = TEXTS.en;
  const { account: _hi, ...hi } = TEXTS.hi;

  test('have the same keys and places in all languages', () => {
    const shapeOf = (texts: object) => pathsOf(texts).map(([path, text]) => [path, placesIn(text)]);
    expect(shapeOf(hi)).toEqual(shapeOf(en));
  });

  test('are translated: no text of Hindi is that of English', () => {
    const english = new Map(pathsOf(en));
    expect(pathsOf(hi).filter(([path, text]) => english.get(path) === text)).toEqual([]);
    for (const [path, text] of pathsOf(hi))
      expect([path, text]).toEqual([path, expect.stringMatching(/\p{Script=Devanagari}/u)]);
  });

  test('begin and end without white space', () => {
    for (const [path, text] of [...pathsOf(en), ...pathsOf(hi)]) {
      expect([path, text]).toEqual([path, text.trim()]);
    }
  });

  test('name only problems that exist', () => {
    const codes: readonly string[] = ERROR_CODES;
    expect(Object.keys(en.frame.problems).filter((code) => !codes.includes(code))).toEqual([]);
  });
});

test('a page has the language that Accept-Language prefers, with its errors', async () => {
  const room = await createPageRoom();
  const visitor = room.newVisitor({ language: 'hi-IN,hi;q=0.9,en;q=0.5' });
  const page = await visitor.visit('/account/forgot');
  expect([page.heading, page.html.includes('<html lang="hi">')]).toEqual([
    TEXTS.hi.access.forgot.title,
    true,
  ]);
  const wrong = await visitor.submit();
  expect([wrong.alert, wrong.errors]).toEqual([
    TEXTS.hi.frame.problems.validation_failed,
    { username: TEXTS.hi.frame.fieldProblems.required },
  ]);
  expect(wrong.html).not.toContain('lang="en"');
});
