import { describe, expect, test } from 'vitest';
import { checkAccount } from '../../src/features/imports/check.ts';
import { parseResolutions, replaced } from '../../src/features/imports/resolution.ts';
import type { SourceAccount } from '../../src/features/imports/source.ts';
import { sourceKey } from '../../src/features/imports/source-key.ts';
import { isReadableHash } from '../../src/features/passwords/password-hash.ts';
import legacyHashes from '../fixtures/legacy-hashes.json' with { type: 'json' };
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
      ...{ place: 'row 1', id: '1', key: '1', keepId: null, fingerprint: expect.any(String) },
      email: { entered: 'Ada@EXAMPLE.com', normalized: 'ada@example.com' },
      phone: { entered: '098765 12345', normalized: '+919876512345' },
      ...{ emailVerifiedAt: null, phoneVerifiedAt: null, passwordHash: HASH, name: null },
      ...{
        bio: '',
        locale: 'hi',
        timeZone: null,
        fields: null,
        disabledAt: null,
        createdAt: 5,
        updatedAt: 5,
      },
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
    ['a zero-width space in it', { email: 'a\u200bda@example.com' }, 'invalid_email', 'email'],
    ['a byte order mark before it', { email: '\ufeffada@example.com' }, 'invalid_email', 'email'],
    [
      'an address that its source cannot read, and no other',
      { email: null, unreadable: [{ field: 'email', message: 'is not valid UTF-8' }] },
      ...(['unreadable_value', 'email'] as const),
    ],
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
    ['no tag of a language', { locale: 'hi_IN' }, 'invalid_locale', 'locale'],
    ['an offset', { timeZone: '+05:30' }, 'invalid_time_zone', 'time_zone'],
    ['own fields that are no JSON', { fields: 'city' }, 'invalid_fields', 'fields'],
    ['own fields in a list', { fields: '[1]' }, 'invalid_fields', 'fields'],
    ['an own field of objects', { fields: '{"a":{}}' }, 'invalid_fields', 'fields'],
    ['a name of no own field', { fields: '{"A b":1}' }, 'invalid_fields', 'fields'],
    ['more than 8 KB', { fields: `{"a":["${'é'.repeat(4093)}"]}` }, 'invalid_fields', 'fields'],
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

  test('with invisible characters in its email address is told so', () => {
    const [clash] = check({ email: 'a\u00adda@example.com' }).clashes;
    expect(clash?.message).toBe('The email address contains invisible characters.');
  });

  test('with a hash that Workers refuse is a clash for them only, and is told so', () => {
    const [large = ''] = legacyHashes.flatMap(({ hash }) =>
      hash.startsWith('argon2$') ? hash : [],
    );
    expect(isReadableHash(large)).toBe(true);
    const forWorkers = { ...checkOptions, isForWorkers: true };
    const { clashes } = checkAccount(account(1, { passwordHash: large }), forWorkers);
    expect(clashes).toMatchObject([
      { code: 'unreadable_hash', message: expect.stringMatching(/more memory than Workers/) },
    ]);
    expect(codesOf({ passwordHash: large })).toEqual([]);
    expect(checkAccount(account(1), forWorkers).clashes).toEqual([]);
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
  test('is its id if that is a number of nine digits or random, else a hash: it may be an address or a name', () => {
    const uuid = '0190163d-8694-739b-aea5-966c26f8ad91';
    const random = 'kR3yXbq0ZP8sWv1TnLm5cJd7HgFa2Eu9';
    for (const id of ['7', '123456789', uuid, uuid.toUpperCase(), random])
      expect(sourceKey(id)).toBe(id);
    for (const id of ['ada@example.com', 'ada.lovelace', '9876512345', 'sha256:x', 'नमस्ते', ' 7']) {
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

describe('the fingerprint of an account', () => {
  const fingerprintOf = (members: Partial<SourceAccount>) => check(members).fingerprint;

  test('is that of its addresses in normal form, of 24 bits; null without an id', () => {
    const own = fingerprintOf({ phone: '9876512345' });
    expect(own).toMatch(/^[\w-]{4}$/);
    for (const same of [
      { email: ' USER1@example.com', phone: '+91 98765-12345' },
      { phone: '9876512345', name: 'x', passwordHash: null, id: '2' },
    ]) {
      expect(fingerprintOf(same)).toBe(own);
    }
    for (const other of [{}, { email: 'x', phone: '9876512345' }, { phone: '1' }, { email: null }])
      expect(fingerprintOf(other)).not.toBe(own);
    expect(fingerprintOf({ id: '' })).toBeNull();
  });

  test('is not changed by a decision', () => {
    const original = account(1, { email: 'bad' });
    const changed = checkAccount(replaced(original, { email: null }), checkOptions, original);
    expect(changed.fingerprint).toBe(fingerprintOf({ email: 'bad' }));
  });
});

describe('a file of decisions', () => {
  const decisions = (json: unknown) => parseResolutions(json);
  const replacing = (members: Partial<SourceAccount>, changes: object) => {
    const parsed = decisions({ '1': changes });
    const resolution = 'problems' in parsed ? undefined : parsed.accounts.get('1');
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
    ['no tag of a language', { '1': { locale: 'hi_IN' } }, /^"1"\.locale/],
    ['no time zone', { '1': { time_zone: 'IST' } }, /^"1"\.time_zone/],
    ['new own fields', { '1': { fields: '{}' } }, /^"1"\.fields: can only be null/],
    ['an empty address', { '1': { email: '' } }, /^"1"\.email/],
  ])('with %s is rejected, and the account is named', (_, json, problem) => {
    const parsed = decisions(json);
    expect('problems' in parsed && parsed.problems[0]).toMatch(problem);
  });

  test('decides about kinds of clashes', () => {
    const kinds = {
      ...{ unreadable_hash: { password: null }, invalid_name: { name: null } },
      ...{ invalid_phone: 'skip', id_reused: 'skip' },
      unreadable_value: { created_at: null, updated_at: null },
    };
    const parsed = decisions({ '*': kinds, '5': 'skip' });
    if ('problems' in parsed) throw new Error(parsed.problems.join());
    expect(Object.fromEntries(parsed.kinds)).toEqual(kinds);
    expect([...parsed.accounts.keys()]).toEqual(['5']);
  });

  test.each<[string, unknown, RegExp]>([
    ['an unknown kind', { wrong_hash: 'skip' }, /Unrecognized key: "wrong_hash"/],
    [
      'another value than null',
      { invalid_name: { name: 'x' } },
      /must be "skip" or {"name": null}/,
    ],
    [
      'a member that does not clash',
      { invalid_name: { email: null } },
      /^"\*"\.invalid_name: must/,
    ],
    ['a member that cannot be absent', { id_twice: { id: null } }, /id_twice: must be "skip"$/],
    ['no member', { invalid_phone: {} }, /invalid_phone: must be/],
    ['null', { invalid_phone: null }, /invalid_phone: must be/],
    ['text instead of kinds', 'skip', /must be an object of kinds/],
  ])('with %s for all accounts is rejected', (_, kinds, problem) => {
    const parsed = decisions({ '*': kinds });
    expect('problems' in parsed && parsed.problems[0]).toMatch(problem);
  });

  test('with many mistakes names some of them', () => {
    const json = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a${i}`, 'merge']));
    const parsed = decisions(json);
    expect('problems' in parsed && parsed.problems).toHaveLength(10);
  });
});
