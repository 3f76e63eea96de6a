/** Code points: an emoji counts one, whatever UTF-16 makes of it. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const WHITE_SPACE = /\p{White_Space}/u;

/**
 * Removes white space from both ends: Unicode's, without the byte order mark that `trim` removes as well.
 * Linear: `/\s+$/` looks at each run of spaces once for each of its characters.
 */
export function trimSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && WHITE_SPACE.test(text.charAt(start))) start++;
  while (start < end && WHITE_SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Zero-width characters, fillers, variation selectors and the like: two texts that differ by one look alike. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

export const hasInvisible = (text: string): boolean => INVISIBLE.test(text);

/** What closes each opening control: LRE, RLE, LRO, RLO by PDF; LRI, RLI, FSI by PDI. */
const CLOSED_BY: Readonly<Record<string, string>> = {
  '\u202a': '\u202c',
  '\u202b': '\u202c',
  '\u202d': '\u202c',
  '\u202e': '\u202c',
  '\u2066': '\u2069',
  '\u2067': '\u2069',
  '\u2068': '\u2069',
};
const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069\u2029]/gu;
/** Ends a paragraph, and with it whatever is open. */
const PARAGRAPH_SEPARATOR = '\u2029';

/**
 * True if embeddings, overrides and isolates are closed in the order they were opened (UAX #9 section 2).
 * An open one turns round the text that a page puts behind it. Marks such as LRM need no partner.
 */
export function isBidiBalanced(text: string): boolean {
  const open: string[] = [];
  for (const [control] of text.matchAll(BIDI_CONTROL)) {
    const closing = CLOSED_BY[control];
    if (closing !== undefined) open.push(closing);
    else if (control === PARAGRAPH_SEPARATOR ? open.length > 0 : open.pop() !== control)
      return false;
  }
  return open.length === 0;
}
