import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/features/admin-pages/actions.ts';
import { ADMIN_TEXTS, filled } from '../../src/features/admin-pages/texts/texts.ts';
import { hi as messages } from '../../src/features/messages/texts/hi.ts';
import { TEXTS } from '../../src/features/pages/texts/texts.ts';

const pathsOf = (value: unknown, path = ''): [string, string][] =>
  typeof value === 'string'
    ? [[path, value]]
    : Object.entries(Object(value)).flatMap(([name, member]) => pathsOf(member, `${path}.${name}`));
const placesIn = (text: string) => (text.match(/\{\w*\}/g) ?? []).sort();

describe('the texts of the admin pages', () => {
  const { en, hi } = ADMIN_TEXTS;

  test('have the same keys and places in all languages', () => {
    const shapeOf = (texts: object) => pathsOf(texts).map(([path, text]) => [path, placesIn(text)]);
    expect(shapeOf(hi)).toEqual(shapeOf(en));
  });

  test('are translated', () => {
    for (const [path, text] of pathsOf(hi)) {
      expect([path, text]).toEqual([path, expect.stringMatching(/\p{Script=Devanagari}/u)]);
      expect([path, text]).toEqual([path, text.trim()]);
    }
  });

  test('call an administrator by one word in Hindi, as the other pages and the messages do', () => {
    const texts = pathsOf([hi, TEXTS.hi, messages]);
    expect(texts.filter(([, text]) => text.includes('व्यवस्थापक')).length).toBeGreaterThan(10);
    expect(texts.filter(([, text]) => text.includes('प्रशास'))).toEqual([]);
  });

  test('name every action, and what was done', () => {
    expect(Object.keys(en.actions)).toEqual([...ACTIONS]);
    expect(Object.keys(en.done)).toEqual([...ACTIONS, 'invite']);
  });

  test('keep a place that has no value, and insert a value as it is', () => {
    expect(filled('{a} {b} {toString}', { a: '{b} $&' })).toBe('{b} $& {b} {toString}');
  });
});
