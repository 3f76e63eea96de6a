import { languageTag } from '../../core/language-tag.ts';
import { MAX_BYTES } from '../../core/own-fields/schema.ts';
import { hasInvisible, trimSpace } from '../../core/text.ts';
import { timeZoneName } from '../../core/time-zone.ts';
import { isReadableHash } from '../passwords/password-hash.ts';
import { MAX_MEMORY_IN_PLACE } from '../passwords/schemes/slow-hash.ts';
import { bioField, nameField, newPhoneField } from '../users/fields.ts';
import { normalizeEmail, normalizePhone } from '../users/identifier.ts';
import type { NewAddress } from '../users/new-address.ts';
import { storableFields } from '../users/own-fields.ts';
import type { Candidate } from './candidate.ts';
import type { Clash, ClashCode } from './clash.ts';
import type { SourceAccount, VerifiedAt } from './source.ts';
import { addressKey, fingerprintOf, sourceKey } from './source-key.ts';

/** The first id that an account keeps is 1. The last leaves room for the ids of as many later accounts. */
export const MAX_KEPT_ID = 2 ** 52;
/** The end of the year 9999, in milliseconds since 1970. */
const MAX_TIME = 253_402_300_799_999;
/** In reports. */
const MAX_SHOWN = 300;

export interface CheckOptions {
  /** ISO 3166 country of phone numbers without a country code. */
  readonly region: string;
  /** The time of the import, in milliseconds since 1970: for accounts whose source does not say when. */
  readonly now: number;
  readonly keepsIds: boolean;
  /** True for servers on Workers, which refuse hashes that need much memory. */
  readonly isForWorkers: boolean;
}

/** An account that has been checked by itself. */
export interface Checked {
  readonly account: SourceAccount;
  /** What `imports.source_id` holds for it. */
  readonly key: string;
  /** What `imports.fingerprint` holds for it. */
  readonly fingerprint: string | null;
  /** Undefined if there are clashes. */
  readonly candidate: Candidate | undefined;
  readonly clashes: readonly Clash[];
}

/**
 * Checks an account by itself, and brings its values into the forms that are stored.
 *
 * @param original the account as the source has it, if a decision has replaced members
 */
export function checkAccount(
  account: SourceAccount,
  options: CheckOptions,
  original: SourceAccount = account,
): Checked {
  const clashes: Clash[] = [];
  const add: Add = (code, field, message, value) =>
    void clashes.push({ ...placeOf(account), code, field, message, value: shown(value) });
  for (const { field, message } of account.unreadable) {
    add('unreadable_value', memberOf(field), `The ${wordsOf(field)} ${message}.`);
  }
  const email = emailOf(account, add);
  const phone = phoneOf(account, options.region, add);
  const keepId = options.keepsIds ? keptIdOf(account, add) : null;
  const key = keyOf(account, email, phone);
  const fingerprint = original.id === '' ? null : fingerprintIn(original, options.region);
  // A damaged row has no other values.
  const isDamaged = isUnreadable(account, 'row');
  if (!isDamaged) checkTexts(account, options, add);
  const mayHaveAddress = isDamaged || ADDRESSES.some((field) => isUnreadable(account, field));
  if (!mayHaveAddress && account.email === null && account.phone === null) {
    add('no_address', 'email', 'The account has neither an email address nor a phone number.');
  }
  const common = { account, key, fingerprint, clashes };
  if (clashes.length > 0) return { ...common, candidate: undefined };
  const { now } = options;
  const createdAt = account.createdAt ?? now;
  const candidate: Candidate = {
    ...{ ...placeOf(account), key, fingerprint, keepId, email, phone },
    emailVerifiedAt: email && timeOf(account.emailVerifiedAt, now),
    phoneVerifiedAt: phone && timeOf(account.phoneVerifiedAt, now),
    passwordHash: account.passwordHash,
    name: account.name,
    bio: account.bio ?? '',
    locale: stored(account.locale, languageTag),
    timeZone: stored(account.timeZone, timeZoneName),
    fields: stored(account.fields, storableFields),
    disabledAt: timeOf(account.disabledAt, now),
    createdAt,
    updatedAt: account.updatedAt ?? createdAt,
  };
  return { ...common, candidate };
}

/** The form of a value that is stored. Its check has found no clash. */
const stored = (value: string | null, formOf: (value: string) => string | undefined) =>
  value === null ? null : (formOf(value) ?? null);

const ADDRESSES = ['email', 'phone'] as const;

const isUnreadable = ({ unreadable }: SourceAccount, member: string): boolean =>
  unreadable.some(({ field }) => field === member);

type Add = (code: ClashCode, field: string, message: string, value?: string | null) => void;

/** Where an account is, as a clash names it. */
export const placeOf = ({ place, id }: Pick<SourceAccount, 'place' | 'id'>) => ({
  place,
  id: shown(id) ?? '',
});

/** Bounds a value that is reported. */
const shown = (value: string | null | undefined): string | undefined =>
  value === null ? undefined : value?.slice(0, MAX_SHOWN).toWellFormed();

function emailOf({ email }: SourceAccount, add: Add): NewAddress | null {
  if (email === null) return null;
  const entered = trimSpace(email);
  const normalized = normalEmail(entered);
  if (hasInvisible(entered)) {
    add('invalid_email', 'email', 'The email address contains invisible characters.', email);
    return null;
  }
  if (normalized !== undefined) return { entered, normalized };
  add('invalid_email', 'email', 'This is no email address.', email);
  return null;
}

const normalEmail = (entered: string): string | undefined =>
  entered.isWellFormed() ? normalizeEmail(entered) : undefined;

function phoneOf({ phone }: SourceAccount, region: string, add: Add): NewAddress | null {
  if (phone === null) return null;
  const number = normalPhone(phone, region);
  if (number) return number;
  add('invalid_phone', 'phone', `This is no phone number, also not of ${region}.`, phone);
  return null;
}

function normalPhone(phone: string, region: string): NewAddress | undefined {
  const { data: entered } = newPhoneField.safeParse(phone);
  const normalized = entered === undefined ? undefined : normalizePhone(entered, region);
  return entered === undefined || normalized === undefined ? undefined : { entered, normalized };
}

function fingerprintIn({ email, phone }: SourceAccount, region: string): string {
  return fingerprintOf(
    email === null ? null : (normalEmail(trimSpace(email)) ?? email),
    phone === null ? null : (normalPhone(phone, region)?.normalized ?? phone),
  );
}

function keptIdOf({ id }: SourceAccount, add: Add): number | null {
  const number = /^[1-9]\d{0,15}$/.test(id) ? Number(id) : 0;
  if (number >= 1 && number <= MAX_KEPT_ID) return number;
  add('invalid_id', 'id', `The id is not a whole number from 1 to ${MAX_KEPT_ID}.`, id);
  return null;
}

function keyOf({ id, place }: SourceAccount, email: NewAddress | null, phone: NewAddress | null) {
  if (id !== '') return sourceKey(id);
  if (email) return addressKey('email', email.normalized);
  return phone ? addressKey('phone', phone.normalized) : sourceKey(`place:${place}`);
}

function checkTexts(account: SourceAccount, { isForWorkers }: CheckOptions, add: Add): void {
  const { passwordHash, name, bio, locale, timeZone, fields } = account;
  if (passwordHash !== null && !isReadableHash(passwordHash)) {
    const what = 'no format that is known here, or a cost out of bounds';
    add('unreadable_hash', 'password', `The hash of the password has ${what}.`);
  } else if (passwordHash !== null && isForWorkers && !isReadableOnWorkers(passwordHash)) {
    const what = 'needs more memory than Workers have for it';
    add('unreadable_hash', 'password', `The hash of the password ${what}.`);
  }
  for (const [field, text, schema] of [
    ['name', name, nameField],
    ['bio', bio, bioField],
  ] as const) {
    const issue = text === null ? undefined : schema.safeParse(text).error?.issues[0];
    if (issue) add(`invalid_${field}`, field, `The ${field} ${issue.message}.`);
  }
  if (locale !== null && languageTag(locale) === undefined) {
    add('invalid_locale', 'locale', 'The language is no tag such as hi-IN.', locale);
  }
  if (timeZone !== null && timeZoneName(timeZone) === undefined) {
    const message = 'The time zone is no name such as Asia/Kolkata.';
    add('invalid_time_zone', 'time_zone', message, timeZone);
  }
  if (fields !== null && storableFields(fields) === undefined) {
    const message = `The own fields are no JSON object of texts, numbers, flags and lists of texts, or have more than ${MAX_BYTES} bytes.`;
    add('invalid_fields', 'fields', message);
  }
  for (const field of TIMES) {
    const at = account[field];
    if (typeof at !== 'number' || (Number.isInteger(at) && at >= 0 && at <= MAX_TIME)) continue;
    const message = `The ${wordsOf(field)} is not a time from 1970 to 9999.`;
    add('unreadable_value', memberOf(field), message);
  }
}

const isReadableOnWorkers = (hash: string): boolean => isReadableHash(hash, MAX_MEMORY_IN_PLACE);

const TIMES = [
  ...['emailVerifiedAt', 'phoneVerifiedAt', 'createdAt', 'updatedAt', 'disabledAt'],
] as const satisfies readonly (keyof SourceAccount)[];

const timeOf = (at: VerifiedAt, now: number): number | null => (at === true ? now : at);

/** The name of a member in files: `created_at` for `createdAt`. */
export const memberOf = (field: string): string =>
  field === 'passwordHash'
    ? 'password'
    : field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const wordsOf = (field: string): string => memberOf(field).replaceAll('_', ' ');
