import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { utf8 } from '../../core/crypto/bytes.ts';

/** What an account is found by: always in normal form, never as it was typed. */
export type Identifier =
  | { readonly kind: 'email'; readonly normalized: string }
  | { readonly kind: 'phone'; readonly normalized: string };

export const MAX_EMAIL_LENGTH = 254;
export const MAX_PHONE_LENGTH = 32;

/** A plus sign and 15 digits. */
const MAX_E164_LENGTH = 16;

const MAX_LOCAL_PART_BYTES = 64;
/** RFC 5322 atext, and letters, marks and digits of every script (RFC 6531). */
const LOCAL_PART =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = String.raw`[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?`;
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`, 'u');
/** Host name labels (RFC 1123) in ASCII; the last one is no number, which would be an IP address. */
const ASCII_DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/;

/**
 * The form an email address is unique by: Unicode compatibility forms and letter case folded, the domain
 * in its ASCII form (UTS 46). Returns `undefined` for what is no practical address: quoted local parts
 * and address literals (RFC 5321) are refused with the rest.
 */
export function normalizeEmail(text: string): string | undefined {
  if (text.length > MAX_EMAIL_LENGTH) return undefined;
  const normalized = foldEmail(text);
  // What does not come to rest is refused: it would be found by one of its forms and not by the other.
  return normalized !== undefined && foldEmail(normalized) === normalized ? normalized : undefined;
}

/**
 * The E.164 form a phone number is unique by.
 *
 * @param region ISO 3166 country of numbers that come without a country code
 * @returns `undefined` for what is no valid number, or has an extension
 */
export function normalizePhone(text: string, region: string): string | undefined {
  // A semicolon begins the parameters of RFC 3966, which would be dropped in silence.
  if (text.length > MAX_PHONE_LENGTH || text.includes(';')) return undefined;
  const normalized = toE164(text, region);
  // In some plans a number reads as another one, or as none, in its own international form.
  return normalized !== undefined && toE164(normalized, region) === normalized
    ? normalized
    : undefined;
}

/** Reads what a person typed to log in: an email address where there is an `@`, else a phone number. */
export function parseIdentifier(text: string, region: string): Identifier | undefined {
  const kind = text.includes('@') ? 'email' : 'phone';
  const normalized = kind === 'email' ? normalizeEmail(text) : normalizePhone(text, region);
  return normalized === undefined ? undefined : { kind, normalized };
}

/** A number's digits without its country code. @param normalized its E.164 form */
export const nationalNumber = (normalized: string): string =>
  parsePhoneNumberFromString(normalized)?.nationalNumber ?? '';

/** One form of texts that differ by Unicode compatibility forms or letter case alone. */
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
    defaultCountry: region as CountryCode, // config.ts lets only supported countries through
    extract: false,
  });
  if (!phone?.isValid() || phone.ext !== undefined) return undefined;
  return phone.number.length <= MAX_E164_LENGTH ? phone.number : undefined;
}
