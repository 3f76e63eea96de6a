const MAX_LENGTH = 1000;
/** An element and its weight (RFC 9110 section 12.4.2). */
const ELEMENT =
  /^[ \t]*([*!#$%&'+.^_`|~\w-]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * Reads a header field that lists preferences, such as `Accept-Language`. Returns the weights, 0 to 1, by the names of
 * the elements in lower case, in their order; of several of one name, the highest. Ignores malformed elements, and a
 * field of more than 1000 characters.
 */
export function weightsIn(field: string | undefined): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  if (field === undefined || field.length > MAX_LENGTH) return weights;
  for (const element of field.split(',')) {
    const [, name, weight = '1'] = ELEMENT.exec(element) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase();
    weights.set(key, Math.max(Number(weight), weights.get(key) ?? 0));
  }
  return weights;
}
