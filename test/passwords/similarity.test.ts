import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSimilarToIdentifiers } from '../../src/features/passwords/similarity.ts';
import { foldCase } from '../../src/features/users/identifier.ts';

const isSimilar = (password: string, owner: { email?: string | null; phone?: string | null }) =>
  isSimilarToIdentifiers(foldCase(password), owner, 'IN');

describe('[S5] the email address', () => {
  const email = 'Ada.Lovelace+news@Example.com';

  test.each([
    'ada.lovelace+news@example.com',
    'my ADA.Lovelace+News@example.COM!',
    'ada.lovelace1815',
    'xx-Ada.Lovelace-xx',
    'AdaLovelace1815',
    'ＡｄａＬｏｖｅｌａｃｅ',
    'lovelace+news',
    'Lovelace',
    'example.com',
  ])('a password such as %s is rejected', (password) => {
    expect(isSimilar(password, { email })).toBe(true);
  });

  test.each(['analytical engine', 'love lace of ada', 'countess of 1815', 'ada and charles'])(
    'a password such as %s is accepted',
    (password) => {
      expect(isSimilar(password, { email })).toBe(false);
    },
  );

  test('the local part counts if it has four characters but not three; the whole address always counts', () => {
    expect(isSimilar('john and the beans', { email: 'john@example.com' })).toBe(true);
    expect(isSimilar('adamant and eve', { email: 'ada@example.com' })).toBe(false);
    expect(isSimilar('banana split', { email: 'a@example.com' })).toBe(false);
    expect(isSimilar('mine: a@b.co', { email: 'a@b.co' })).toBe(true);
    expect(isSimilar('日本語話者です', { email: '日本語話@example.com' })).toBe(true);
    expect(isSimilar('日本語話者です', { email: '日本語@example.com' })).toBe(false);
  });

  test('any password that contains a local part of four or more characters is rejected', () => {
    const local = fc.string({
      unit: fc.constantFrom(...'abcXYZ089.+_-é'),
      minLength: 4,
      maxLength: 20,
    });
    fc.assert(
      fc.property(local, fc.string(), fc.string(), (part, before, after) => {
        expect(isSimilar(before + part + after, { email: `${part}@example.com` })).toBe(true);
      }),
    );
  });
});

describe('[S5] the phone number', () => {
  test.each(['7760873976', '+91 77608 73976', '077608-73976'])('%s in any format', (phone) => {
    for (const password of [
      '7760873976',
      '917760873976',
      '+91-77608-73976',
      '(0) 7760 873 976',
      'call me 7760873976!',
      '７７６０８７３９７６',
      '77608739',
    ]) {
      expect([password, isSimilar(password, { phone })]).toEqual([password, true]);
    }
    for (const password of ['7760 and 873976', '6793780677', '1234567890', 'go to the moon 1969']) {
      expect([password, isSimilar(password, { phone })]).toEqual([password, false]);
    }
  });

  test('a number of another country, in any format', () => {
    const phone = '+1 (415) 555-0199';
    expect(isSimilar('415-555-0199', { phone })).toBe(true);
    expect(isSimilar('+1 415 555 0199', { phone })).toBe(true);
    expect(isSimilar('555 0199 415', { phone })).toBe(false);
  });

  test('a number that is invalid in the current region is compared as entered', () => {
    expect(isSimilar('my 4155550199', { phone: '(415) 555-0199' })).toBe(true);
  });
});

test('[S5] without an identifier, no password counts as similar, not even one of punctuation', () => {
  for (const owner of [
    {},
    { email: null, phone: null },
    { email: '', phone: '' },
    { phone: '7760873976' },
  ]) {
    for (const password of ['!!!!!!!!', '        ', '????????', 'analytical engine']) {
      expect(isSimilar(password, owner)).toBe(false);
    }
  }
});

test('[S5] any text yields a result and no error', () => {
  const text = fc.string({ unit: 'binary', maxLength: 256 });
  fc.assert(
    fc.property(text, text, text, (password, email, phone) => {
      expect(isSimilar(password, { email, phone })).toBeTypeOf('boolean');
    }),
  );
});
