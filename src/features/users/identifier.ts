import {
  type CountryCode,
  getCountryCallingCode,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';
import { utf8 } from '../../core/crypto/bytes.ts';

/** The key for finding an account: always in normal form, never as entered. */
export type Identifier =
  | { readonly kind: 'email'; readonly normalized: string }
  | { readonly kind: 'phone'; readonly normalized: string };

export const MAX_EMAIL_LENGTH = 254;
export const MAX_PHONE_LENGTH = 32;

/** A plus sign and at most 15 digits. */
const MAX_E164_LENGTH = 16;

const MAX_LOCAL_PART_BYTES = 64;
/** Atoms of RFC 5322 (atext), plus letters, marks and digits of every script (RFC 6531). */
const LOCAL_PART =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = String.raw`[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?`;
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`, 'u');
/**
 * Labels of a host name (RFC 1123) in ASCII. A numeric last label is rejected, because the domain would be an IP
 * address.
 */
const ASCII_DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/;

/**
 * Returns the form in which an email address is unique. Unicode compatibility forms and letter case are folded, and the
 * domain is in its ASCII form (UTS 46). Returns `undefined` for an invalid address, and for quoted local parts and
 * address literals (RFC 5321), which are not used in practice.
 */
export function normalizeEmail(text: string): string | undefined {
  if (text.length > MAX_EMAIL_LENGTH) return undefined;
  const normalized = foldEmail(text);
  // Normalizing the normal form must not change it; otherwise only one of the two forms would find the account.
  return normalized !== undefined && foldEmail(normalized) === normalized ? normalized : undefined;
}

/**
 * Returns the form in which a phone number is unique: E.164.
 *
 * @param region ISO 3166 country of numbers without a country code
 * @returns `undefined` for an invalid number, or one with an extension
 */
export function normalizePhone(text: string, region: string): string | undefined {
  // A semicolon starts the parameters of RFC 3966. The parser would drop them silently.
  if (text.length > MAX_PHONE_LENGTH || text.includes(';')) return undefined;
  const normalized = toE164(text, region);
  // In some numbering plans, the parser reads the E.164 form of a number as a different number, or as no number.
  return normalized !== undefined && toE164(normalized, region) === normalized
    ? normalized
    : undefined;
}

/** Parses a login name: an email address if it contains `@`, else a phone number. */
export function parseIdentifier(text: string, region: string): Identifier | undefined {
  const kind = text.includes('@') ? 'email' : 'phone';
  const normalized = kind === 'email' ? normalizeEmail(text) : normalizePhone(text, region);
  return normalized === undefined ? undefined : { kind, normalized };
}

/**
 * Returns the digits of a phone number without its country code.
 *
 * @param normalized its E.164 form
 */
export const nationalNumber = (normalized: string): string =>
  parsePhoneNumberFromString(normalized)?.nationalNumber ?? '';

/** Returns the ISO 3166 country of a phone number. @param normalized its E.164 form */
export const countryOf = (normalized: string): string | undefined =>
  parsePhoneNumberFromString(normalized)?.country;

/** Returns the calling code of a country, without the plus sign. @param region ISO 3166 country of the settings */
export const callingCodeOf = (region: string): string =>
  // The cast holds: the settings accept only supported countries.
  getCountryCallingCode(region as CountryCode);

/** Folds Unicode compatibility forms (NFKC) and letter case. */
export const foldCase = (text: string): string =>
  text.normalize('NFKC').toLowerCase().normalize('NFKC');

function foldEmail(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const local = foldCase(text.slice(0, Math.max(at, 0)));
  const domain = asciiDomain(foldCase(text.slice(at + 1)));
  if (domain === undefined || !LOCAL_PART.test(local)) return undefined;
  if (utf8(local).length > MAX_LOCAL_PART_BYTES) return undefined;
  const folded = `${local}@${domain}`;
  return folded.length > MAX_EMAIL_LENGTH ? undefined : folded;
}

function asciiDomain(domain: string): string | undefined {
  if (!DOMAIN.test(domain) || !URL.canParse(`http://${domain}`)) return undefined;
  const { hostname } = new URL(`http://${domain}`);
  return ASCII_DOMAIN.test(hostname) ? hostname : undefined;
}

function toE164(text: string, region: string): string | undefined {
  const phone = parsePhoneNumberFromString(text, {
    defaultCountry: region as CountryCode, // the cast holds: the settings accept only supported countries
    extract: false,
  });
  if (!phone?.isValid() || phone.ext !== undefined) return undefined;
  return phone.number.length <= MAX_E164_LENGTH ? phone.number : undefined;
}
