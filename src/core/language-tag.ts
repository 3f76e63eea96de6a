const MAX_LENGTH = 35;
/** Language, script, region and variants (RFC 5646 section 2.1), without extensions and private use. */
const TAG =
  /^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*$/i;

/**
 * Returns a language tag (BCP 47) in its usual letter case, such as `hi-IN` for `hi-in`. Deprecated subtags stay as they
 * are, because the runtimes replace different ones. Returns `undefined` for a text that is not well-formed, that has
 * extensions, or that is longer than 35 characters.
 */
export function languageTag(text: string): string | undefined {
  if (text.length > MAX_LENGTH || !TAG.test(text)) return undefined;
  const [language = '', ...others] = text.toLowerCase().split('-');
  // A variant that stands twice.
  if (new Set(others).size < others.length) return undefined;
  return [language, ...others.map(inOwnCase)].join('-');
}

/** RFC 5646 section 2.1.1. A variant of four characters begins with a digit. */
function inOwnCase(subtag: string): string {
  if (/^[a-z]{4}$/.test(subtag)) return subtag.charAt(0).toUpperCase() + subtag.slice(1);
  return subtag.length === 2 ? subtag.toUpperCase() : subtag;
}
