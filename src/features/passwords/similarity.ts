import { foldCase, nationalNumber, normalizePhone } from '../users/identifier.ts';

/** The identifiers of an account, as entered. */
export interface Identifiers {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
}

/** Shorter parts occur by chance in too many good passwords: a user called `al` may choose `royal…`. */
const MIN_PART = 4;

/**
 * True if a password contains an email address, its local part or a phone number, or is contained in one of these.
 * Ignores letter case and, for phone numbers, spaces and punctuation.
 *
 * @param folded the password, case-folded
 * @param region ISO 3166 code of the country that is assumed for phone numbers without a country code
 */
export function isSimilarToIdentifiers(
  folded: string,
  { email, phone }: Identifiers,
  region: string,
): boolean {
  const lettersAndDigits = folded.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
  return (
    emailParts(email ?? '').some((part) => eitherContains(folded, part)) ||
    phoneParts(phone ?? '', region).some((part) => eitherContains(lettersAndDigits, part))
  );
}

const eitherContains = (a: string, b: string): boolean => contains(a, b) || contains(b, a);

const contains = (text: string, part: string): boolean =>
  [...part].length >= MIN_PART && text.includes(part);

/**
 * Returns the address, its local part with and without the tag (`ada+news`), and the untagged part without punctuation.
 */
function emailParts(email: string): string[] {
  const address = foldCase(email);
  const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0));
  const untagged = local.split('+', 1).join();
  return [address, local, untagged, untagged.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')];
}

/** Returns the digits as entered, and the national number without country code or trunk prefix. */
function phoneParts(phone: string, region: string): string[] {
  const normalized = normalizePhone(phone, region);
  const national = normalized === undefined ? '' : nationalNumber(normalized);
  return [foldCase(phone).replaceAll(/\D/g, ''), national];
}
