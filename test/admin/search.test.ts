import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareKeys } from '../../src/core/db/index-range.ts';
import { createDirectory } from '../../src/features/admin/directory-store.ts';
import { endOfPrefix } from '../../src/features/admin/search.ts';
import { foldedName } from '../../src/features/users/statements.ts';
import { addPeople, pagesOf } from '../support/people.ts';
import { createTestApp } from '../support/test-app.ts';

type People = Parameters<typeof addPeople>[1];

/** Adds accounts. Returns a search that answers their positions. */
async function among(people: People, settings: Record<string, string> = {}) {
  const { db, deps } = await createTestApp(settings);
  const directory = createDirectory(deps);
  const added = await addPeople(db, people);
  return async (q: string, limit = 1) => {
    const { ids } = await pagesOf((cursor) => directory.list({ q, limit, cursor }));
    return ids.map((id) => added.indexOf(id));
  };
}

describe('a search by text', () => {
  test('merges addresses and names by text and id, and lists each account once', async () => {
    const find = await among([
      { email: 'mia@x.com', name: 'Ada' },
      { email: 'ada@x.com', name: 'Ada Lovelace' },
      { email: 'adam@x.com', name: 'Zoe' },
      { email: 'zed@x.com', name: 'ADAM' },
      { name: 'ada@x.com' },
      { email: 'eve@x.com', name: 'Bea' },
    ]);
    // Texts: ada, ada@x.com (1), ada@x.com (4), adam, adam@x.com.
    for (const limit of [1, 2, 3, 50]) expect(await find('AdA', limit)).toEqual([0, 1, 4, 3, 2]);
    expect(await find('ada@')).toEqual([1, 4]);
    expect(await find('bea')).toEqual([5]);
    expect(await find('da')).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['Devanagari', 'आदा लवलेस', 'आदा'],
    ['Greek', 'ΑΔΑ', 'αδ'],
    ['Greek, up to a sigma within a word', 'ΟΔΥΣΣΕΑΣ', 'ΟΔΥΣ'],
    ['Greek, with a final sigma', 'Οδυσσέας Ελύτης', 'ΟΔΥΣΣΈΑΣ'],
    ['Greek, a final sigma for another one', 'Οδυσσέας', 'οδυς'],
    ['Cyrillic', 'Ада Лавлейс', 'АДА Л'],
    ['Chinese', '愛達', '愛'],
    ['full-width letters', 'Ａｄａ', 'ad'],
    ['a ligature', 'ﬁona', 'FI'],
    ['a ligature searched for', 'fiona', 'ﬁo'],
    ['a composed letter', 'Éva', 'e\u0301v'],
    ['a decomposed letter', 'E\u0301va', 'É'],
    ['letters beyond the BMP', '𝒜da', 'ada'],
    ['emoji', '🦊 Ada', '🦊'],
  ])('finds a name by its beginning: %s', async (_, name, q) => {
    const find = await among([{ name: 'Other' }, { name }]);
    expect(await find(q)).toEqual([1]);
  });

  test('orders texts by code points, as the index does', async () => {
    const names = ['x\uffee', 'x\u{1f98a}', 'x\ue000', 'xa', 'x\u{10ffff}y', 'x\ud7ff'];
    const sorted = names
      .map((name) => foldedName(name) ?? '')
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const find = await among(names.map((name) => ({ name })));
    expect((await find('x')).map((i) => foldedName(names[i] ?? ''))).toEqual(sorted);
  });

  test('takes the wildcards of LIKE and GLOB as plain characters', async () => {
    const find = await among([
      { name: 'ada' },
      { name: '100%' },
      { name: '%a' },
      { name: '_b' },
      { name: '*c[' },
      { name: "o'neil" },
    ]);
    expect(await find('%')).toEqual([2]);
    expect(await find('_')).toEqual([3]);
    expect(await find('*')).toEqual([4]);
    expect(await find("o'")).toEqual([5]);
    expect(await find('a%')).toEqual([]);
    expect(await find('?')).toEqual([]);
  });

  test('finds an address with an internationalized domain as its owner enters it', async () => {
    const find = await among([
      { email: 'Ada@münchen.de', emailNormalized: 'ada@xn--mnchen-3ya.de' },
    ]);
    expect(await find('ada@münchen.de')).toEqual([0]);
    expect(await find('ada@xn--')).toEqual([0]);
    // Only a whole domain has the form in which it is stored.
    expect(await find('ada@mün')).toEqual([]);
  });

  test('finds names that are longer than what is searched', async () => {
    const long = 'n'.repeat(200);
    const find = await among([{ name: long }]);
    expect(await find('n'.repeat(127))).toEqual([0]);
    expect(await find('n'.repeat(200))).toEqual([0]);
    expect(await find('n'.repeat(254))).toEqual([0]);
    expect(await find(`${'n'.repeat(100)}m`)).toEqual([]);
  });

  test('finds what begins with a digit and cannot be a phone number', async () => {
    const find = await among([{ email: '123@qq.com' }, { name: '4 Non Blondes' }]);
    expect(await find('123@')).toEqual([0]);
    expect(await find('4 n')).toEqual([1]);
    expect(await find('123')).toEqual([]);
  });

  test('finds exactly the names that begin with a text, whatever it is', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 8 }), name, async (names, other) => {
        const q = `ø${other}`.trim();
        const all = [...names, q, `${q}\u{10ffff}z`, `${q}z`].map((each) => each.trim() || 'x');
        const find = await among(all.map((each) => ({ name: each })));
        const prefix = foldedName(q) ?? '';
        const expected = all
          .map((each, i) => [foldedName(each) ?? '', i] as const)
          .filter(([folded]) => folded.startsWith(prefix))
          .map(([, i]) => i);
        expect((await find(q, 3)).toSorted((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a search by phone number', () => {
  const people: People = [
    { phone: '+917760873976' },
    { phone: '+917760000000' },
    { phone: '+17760873976' },
    { phone: '+7760873976' },
    { name: '776' },
    { email: '776@x.com' },
  ];

  test.each<[string, number[]]>([
    ['+91', [1, 0]],
    ['+91 7760-8', [0]],
    ['+91 (7760) 8', [0]],
    ['91776', [1, 0]],
    ['776', [3, 1, 0]],
    ['0776', [1, 0]],
    ['00776', [1, 0]],
    ['77608', [3, 0]],
    ['１', [2]],
    ['+', [2, 3, 1, 0]],
    ['9', [1, 0]],
    ['9177', [1, 0]],
    ['+5', []],
    ['+9 1', [1, 0]],
  ])('%s', async (q, expected) => {
    const find = await among(people);
    for (const limit of [1, 2, 9]) expect(await find(q, limit)).toEqual(expected);
  });

  test('reads national numbers of the configured region', async () => {
    const find = await among(people, { DEFAULT_PHONE_REGION: 'US' });
    expect(await find('776')).toEqual([2, 3]);
    expect(await find('1')).toEqual([2]);
  });
});

describe('the end of a prefix', () => {
  test.each([
    ['a', 'b'],
    ['az', 'a{'],
    ['\u007f', '\u0080'],
    ['\ud7ff', '\ue000'],
    ['\uffff', '\u{10000}'],
    ['a\u{10ffff}', 'b'],
    ['\u{10ffff}', undefined],
    ['', undefined],
  ])('%j is %j', (prefix, end) => {
    expect(endOfPrefix(prefix)).toBe(end);
  });

  test('is above every text with the prefix, and no text lies between', () => {
    const string = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(string, string, (prefix, text) => {
        const end = endOfPrefix(prefix);
        const isIn =
          compareKeys(text, prefix) >= 0 && (end === undefined || compareKeys(text, end) < 0);
        expect(isIn).toBe(text.startsWith(prefix) || (end === undefined && isIn));
        if (end !== undefined) expect(compareKeys(prefix + text, end)).toBeLessThan(0);
      }),
    );
  });

  test('keys are compared as bytes of UTF-8', () => {
    const string = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(string, string, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareKeys(a, b))).toBe(expected);
      }),
    );
  });
});
