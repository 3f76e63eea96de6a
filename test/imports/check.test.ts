import { describe, expect, test } from 'vitest';
import { checkAccount } from '../../src/features/imports/check.ts';
import { parseResolutions, replaced } from '../../src/features/imports/resolution.ts';
import type { SourceAccount } from '../../src/features/imports/source.ts';
import { sourceKey } from '../../src/features/imports/source-key.ts';
import { account, checkOptions, HASH, NOW } from '../support/import-room.ts';

const check = (members: Partial<SourceAccount>, keepsIds = false) =>
  checkAccount(account(1, members), { ...checkOptions, keepsIds });

const codesOf = (members: Partial<SourceAccount>, keepsIds = false) =>
  check(members, keepsIds).clashes.map(({ code, field }) => [code, field]);

describe('an account of a source', () => {
  test('gets trimmed addresses, their normal forms, and unverified addresses', () => {
    const { candidate } = check({
      ...{ email: ' Ada@EXAMPLE.com\u00a0', phone: ' 098765 12345 ', name: null, bio: null },
      ...{ createdAt: 5, updatedAt: null, locale: 'hi' },
    });
    expect(candidate).toEqual({
      ...{ place: 'row 1', id: '1', key: '1', keepId: null },
      email: { entered: 'Ada@EXAMPLE.com', normalized: 'ada@example.com' },
      phone: { entered: '098765 12345', normalized: '+919876512345' },
      ...{ emailVerifiedAt: null, phoneVerifiedAt: null, passwordHash: HASH, name: null },
      ...{ bio: '', locale: 'hi', disabledAt: null, createdAt: 5, updatedAt: 5 },
    });
  });

  test('of which the source only says that it is verified or disabled gets the time of the import', () => {
    const { candidate } = check({ emailVerifiedAt: true, phoneVerifiedAt: true, disabledAt: true });
    expect(candidate).toMatchObject({
      ...{ emailVerifiedAt: NOW, phoneVerifiedAt: null, disabledAt: NOW, createdAt: NOW },
    });
  });

  test.each<[string, Partial<SourceAccount>, string, string]>([
    ['no address', { email: null }, 'no_address', 'email'],
    ['an email address without a domain', { email: 'ada' }, 'invalid_email', 'email'],
    ['a lone surrogate in it', { email: 'a\ud800@example.com' }, 'invalid_email', 'email'],
    ['a long email address', { email: `${'a'.repeat(300)}@b.com` }, 'invalid_email', 'email'],
    ['a short phone number', { phone: '123' }, 'invalid_phone', 'phone'],
    ['an extension', { phone: '+919876543210;ext=1' }, 'invalid_phone', 'phone'],
    ['an unknown hash', { passwordHash: 'hunter2' }, 'unreadable_hash', 'password'],
    [
      'a hash that costs too much',
      { passwordHash: HASH.replace('29000', '290000000') },
      ...(['unreadable_hash', 'password'] as const),
    ],
    ['a name of 256 characters', { name: 'x'.repeat(256) }, 'invalid_name', 'name'],
    ['a control character in the name', { name: 'a\u0000b' }, 'invalid_name', 'name'],
    ['a long biography', { bio: 'x'.repeat(10_001) }, 'invalid_bio', 'bio'],
    ['an unknown language', { locale: 'tlh' }, 'invalid_locale', 'locale'],
    ['a time before 1970', { createdAt: -1 }, 'unreadable_value', 'created_at'],
    ['a time after 9999', { disabledAt: 1e15 }, 'unreadable_value', 'disabled_at'],
    ['half a millisecond', { updatedAt: 0.5 }, 'unreadable_value', 'updated_at'],
    [
      'a value that its source cannot read',
      { unreadable: [{ field: 'emailVerifiedAt', message: 'is not a time' }] },
      ...(['unreadable_value', 'email_verified_at'] as const),
    ],
  ])('with %s is a clash', (_, members, code, field) => {
    expect(codesOf(members)).toEqual([[code, field]]);
  });

  test('that is damaged as a whole is one clash; one with several faults is several', () => {
    const unreadable = [{ field: 'row', message: 'has 3 cells' }];
    expect(codesOf({ id: '', email: null, unreadable })).toEqual([['unreadable_value', 'row']]);
    expect(codesOf({ email: 'x', phone: 'y', name: '\u0000' })).toHaveLength(3);
  });

  test('is never reported with its hash, and not with long values', () => {
    const { clashes } = check({ passwordHash: 'hunter2-hash', email: 'x'.repeat(5000) });
    expect(clashes).toHaveLength(2);
    expect(JSON.stringify(clashes)).not.toContain('hunter2');
    expect(JSON.stringify(clashes).length).toBeLessThan(1000);
  });

  test.each(['0', '-1', '1.5', '', '01', 'a', '1e3', '9007199254740993', '4503599627370497'])(
    'whose id %s cannot be kept is a clash if ids are kept',
    (id) => {
      expect(codesOf({ id }, true)).toEqual([['invalid_id', 'id']]);
      expect(codesOf({ id })).toEqual([]);
    },
  );

  test('keeps its id if ids are kept', () => {
    expect(check({ id: '4503599627370496' }, true).candidate?.keepId).toBe(2 ** 52);
  });
});

describe('the key of an account', () => {
  test('is its id if that is short and plain, else a hash', () => {
    for (const id of ['7', 'a_B.c-9', 'x'.repeat(64)]) expect(sourceKey(id)).toBe(id);
    for (const id of ['ada@example.com', 'x'.repeat(65), 'sha256:x', 'नमस्ते', ' 7']) {
      expect(sourceKey(id)).toMatch(/^sha256:[\w-]{43}$/);
    }
    expect(sourceKey('sha256')).not.toBe(sourceKey('ada@example.com'));
  });

  test('without an id comes from its address, and does not contain it', () => {
    const [one, same, other] = [
      check({ id: '' }),
      check({ id: '', email: 'USER1@example.com', place: 'row 9' }),
      check({ id: '', email: 'user2@example.com' }),
    ];
    expect(one.key).toMatch(/^sha256:/);
    expect(same.key).toBe(one.key);
    expect(other.key).not.toBe(one.key);
  });
});

describe('a file of decisions', () => {
  const decisions = (json: unknown) => parseResolutions(json);
  const replacing = (members: Partial<SourceAccount>, changes: object) => {
    const parsed = decisions({ '1': changes });
    const resolution = 'problems' in parsed ? undefined : parsed.get('1');
    if (!resolution || resolution === 'skip') throw new Error(JSON.stringify(parsed));
    return replaced(account(1, members), resolution);
  };

  test('replaces members; a replaced address is unverified', () => {
    const members = { emailVerifiedAt: 5, phone: '1', phoneVerifiedAt: 6 } as const;
    expect(replacing(members, { email: 'new@example.com', password: null, name: null })).toEqual(
      account(1, {
        ...{ ...members, email: 'new@example.com', emailVerifiedAt: null },
        ...{ passwordHash: null, name: null },
      }),
    );
    expect(replacing(members, { phone: null, id: '9' })).toMatchObject({
      ...{ id: '9', phone: null, phoneVerifiedAt: null, emailVerifiedAt: 5 },
    });
    expect(replacing({}, { created_at: '2026-01-01T00:00:00Z' }).createdAt).toBe(NOW);
  });

  test('repairs values that the source could not read', () => {
    const unreadable = [
      { field: 'createdAt', message: 'is not a time' },
      { field: 'emailVerifiedAt', message: 'is not a time' },
    ];
    expect(replacing({ unreadable }, { created_at: null }).unreadable).toEqual(unreadable.slice(1));
  });

  test.each<[string, unknown, RegExp]>([
    ['a list', [], /expected record/],
    ['text', 'skip', /expected record/],
    ['an unknown decision', { '1': 'merge' }, /^"1": must be "skip" or an object/],
    ['an unknown member', { '1': { emial: 'a' } }, /Unrecognized key: "emial"/],
    ['no member', { '1': {} }, /replaces no member/],
    ['a new hash', { '1': { password: HASH } }, /^"1"\.password: can only be null/],
    ['a claim of verification', { '1': { email_verified_at: '2026-01-01' } }, /can only be null/],
    ['a date without a time', { '1': { created_at: '2026-01-01' } }, /must be a time such as/],
    ['an impossible time', { '1': { created_at: '2026-99-01T00:00:00Z' } }, /must be a time/],
    ['an unknown language', { '1': { locale: 'tlh' } }, /^"1"\.locale/],
    ['an empty address', { '1': { email: '' } }, /^"1"\.email/],
  ])('with %s is rejected, and the account is named', (_, json, problem) => {
    const parsed = decisions(json);
    expect('problems' in parsed && parsed.problems[0]).toMatch(problem);
  });

  test('with many mistakes names some of them', () => {
    const json = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a${i}`, 'merge']));
    const parsed = decisions(json);
    expect('problems' in parsed && parsed.problems).toHaveLength(10);
  });
});
