import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBidiBalanced } from '../../src/core/text.ts';
import { shownAddress } from '../../src/features/messages/address.ts';
import { anyText } from '../support/odd-texts.ts';

describe('shownAddress', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['Ada+x@Example.COM', 'Ada+x@Example.COM'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@bücher.example', 'ada@bücher.example (ada@xn--bcher-kva.example)'],
    ['Ada@Bücher.example', 'Ada@Bücher.example (ada@xn--bcher-kva.example)'],
    // The first letter of the domain is Cyrillic.
    ['ada@аpple.example', 'ada@аpple.example (ada@xn--pple-43d.example)'],
    ['jürgen@example.com', 'jürgen@example.com'],
    ['Ａda@example.com', 'Ａda@example.com (ada@example.com)'],
    ['राम@उदाहरण.भारत', 'राम@उदाहरण.भारत (राम@xn--p1b6ci4b4b3a.xn--h2brj9c)'],
    ['ada@שלום.example', '\u2066ada@שלום.example\u2069 (ada@xn--9dbne9b.example)'],
    ['שלום@example.com', '\u2066שלום@example.com\u2069'],
    ['a\u202e@example.com', 'a\ufffd@example.com'],
    ['a\r\nBcc: b@example.com', 'a\ufffd\ufffdBcc:\ufffdb@example.com'],
    ['a\u2028\u0000\ud800@b', 'a\ufffd\ufffd\ufffd@b'],
    ['<script>"\'&@example.com', '<script>"\'&@example.com'],
  ])('%j is shown as %j', (entered, shown) => {
    expect(shownAddress(entered)).toBe(shown);
  });

  test('any text is shown on one line, without a control that is open', () => {
    fc.assert(
      fc.property(anyText, (entered) => {
        const shown = shownAddress(entered);
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(shown.replace(/[\u2066\u2069]/g, '')).not.toMatch(/\p{Cf}/u);
        expect(isBidiBalanced(shown)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
