import { LOCALES, type Locale } from './message.ts';

/** The language of messages to users whose languages are unknown. */
const DEFAULT: Locale = 'en';
/** The stored language of an account. Null, or a language of another version, is English. */
export const storedLocale = (stored: string | null): Locale =>
  LOCALES.find((locale) => locale === stored) ?? DEFAULT;

const MAX_LENGTH = 1000;
/** A language range and its weight (RFC 4647 section 2.1, RFC 9110 section 12.4.2). */
const RANGE =
  /^[ \t]*(\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * Returns the language of messages that `Accept-Language` prefers (RFC 9110 section 12.5.4): the one with the highest
 * weight, of equal ones the first. Regions are ignored. Malformed elements are ignored too, and so is a field of more
 * than 1000 characters.
 */
export function localeOf(acceptLanguage: string | undefined): Locale {
  if (acceptLanguage === undefined || acceptLanguage.length > MAX_LENGTH) return DEFAULT;
  const weights = new Map<string, number>();
  for (const element of acceptLanguage.split(',')) {
    const [, range, weight = '1'] = RANGE.exec(element) ?? [];
    if (range === undefined) continue;
    const language = range.toLowerCase();
    weights.set(language, Math.max(Number(weight), weights.get(language) ?? 0));
  }
  const byDefault = weights.get('*') ?? 0;
  const named = [...weights.keys()].flatMap((name) => LOCALES.filter((locale) => locale === name));
  let best: { readonly locale: Locale; readonly weight: number } = { locale: DEFAULT, weight: 0 };
  for (const locale of [...named, ...LOCALES]) {
    const weight = weights.get(locale) ?? byDefault;
    if (weight > best.weight) best = { locale, weight };
  }
  return best.locale;
}
