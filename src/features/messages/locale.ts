import { weightsIn } from '../../core/preferences.ts';
import { LOCALES, type Locale } from './message.ts';

/** The language of messages to users whose languages are unknown. */
const DEFAULT: Locale = 'en';

/**
 * The language of messages that is nearest to the language of an account (RFC 4647 section 3.4): the longest beginning of
 * its tag that is one. English if none is, and for null.
 */
export function storedLocale(stored: string | null): Locale {
  const subtags = (stored ?? '').toLowerCase().split('-');
  for (let length = subtags.length; length > 0; length--) {
    const tag = subtags.slice(0, length).join('-');
    const found = LOCALES.find((locale) => locale.toLowerCase() === tag);
    if (found) return found;
  }
  return DEFAULT;
}

/** A language range (RFC 4647 section 2.1). */
const RANGE = /^(\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*$/;

/**
 * Returns the language of messages that `Accept-Language` prefers (RFC 9110 section 12.5.4): the one with the highest
 * weight, of equal ones the first. Regions are ignored. Malformed elements are ignored too, and so is a field of more
 * than 1000 characters.
 */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const weights = new Map<string, number>();
  for (const [range, weight] of weightsIn(acceptLanguage)) {
    const language = RANGE.exec(range)?.[1];
    if (language === undefined) continue;
    weights.set(language, Math.max(weight, weights.get(language) ?? 0));
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
