import { callingCodeOf, foldCase, normalizeEmail } from '../users/identifier.ts';

/** What `q` searches for: prefixes, each in folded or normalized form. */
export type Search =
  | { readonly kind: 'phone'; readonly prefixes: readonly string[] }
  | { readonly kind: 'text'; readonly email: string; readonly name: string };

const PHONE_PREFIX = /^\+?\d[\d\s().\p{Pd}-]*$|^\+$/u;
const PUNCTUATION = /[^+\d]/g;

/**
 * Reads what somebody searches for: a phone number if it begins with `+` or a digit, else an email address and a name.
 * What begins with a digit and cannot be a phone number is an email address or a name as well.
 *
 * @param region ISO 3166 country of phone numbers without a country code
 * @param foldedName the name as searches find it
 */
export function searchFor(q: string, region: string, foldedName: (name: string) => string): Search {
  const folded = foldCase(q.trim()).toWellFormed();
  if (!PHONE_PREFIX.test(folded)) {
    // The domain of an address may be stored in another form than the entered one.
    return { kind: 'text', email: normalizeEmail(folded) ?? folded, name: foldedName(folded) };
  }
  const phone = folded.replaceAll(PUNCTUATION, '');
  if (phone.startsWith('+')) return { kind: 'phone', prefixes: [phone] };
  const international = `+${phone}`;
  const national = `+${callingCodeOf(region)}${phone.replace(/^0+/, '')}`;
  if (national.startsWith(international)) return { kind: 'phone', prefixes: [international] };
  if (international.startsWith(national)) return { kind: 'phone', prefixes: [national] };
  return { kind: 'phone', prefixes: [international, national] };
}

/** The lowest text above all texts with a prefix, by code points; `undefined` if there is none. */
export function endOfPrefix(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()?.codePointAt(0) ?? 0;
    // Surrogates are no characters.
    if (last < 0x10ffff) {
      return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
    }
  }
  return undefined;
}
