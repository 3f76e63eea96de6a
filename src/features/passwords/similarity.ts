import { foldCase, nationalNumber, normalizePhone } from '../users/identifier.ts';

/** What a person is known by, as entered. */
export interface Identifiers {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
}

/** Shorter parts are in too many good passwords by chance: a user called `al` may choose `royal…`. */
const MIN_PART = 4;

/**
 * True if a password contains an email address, its local part or a phone number, or is a part of one.
 * Letter case does not matter; nor do spaces and punctuation where a phone number is looked for.
 *
 * @param folded the password, letter case folded
 * @param region ISO 3166 country of phone numbers that come without one
 */
export function isSimilarToIdentifiers(
  folded: string,
  { email, phone }: Identifiers,
  region: string,
): boolean {
  const unbroken = folded.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
  return (
    emailParts(email ?? '').some((part) => isOneInTheOther(folded, part)) ||
    phoneParts(phone ?? '', region).some((part) => isOneInTheOther(unbroken, part))
  );
}

const isOneInTheOther = (a: string, b: string): boolean => holds(a, b) || holds(b, a);

const holds = (text: string, part: string): boolean =>
  [...part].length >= MIN_PART && text.includes(part);

/** The address; its local part with and without a tag (`ada+news`); that without what joins its words. */
function emailParts(email: string): string[] {
  const address = foldCase(email);
  const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0));
  const untagged = local.split('+', 1).join();
  return [address, local, untagged, untagged.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')];
}

/** The digits as entered, and those without country code or trunk prefix. */
function phoneParts(phone: string, region: string): string[] {
  const normalized = normalizePhone(phone, region);
  const national = normalized === undefined ? '' : nationalNumber(normalized);
  return [foldCase(phone).replaceAll(/\D/g, ''), national];
}
