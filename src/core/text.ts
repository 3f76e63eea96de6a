/** Counts code points, not UTF-16 code units: an emoji that is one code point counts as one. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const WHITE_SPACE = /\p{White_Space}/u;

/**
 * Removes Unicode white space from both ends. Unlike `trim`, keeps the byte order mark. Takes linear time; `/\s+$/`
 * does not, because it rescans a run of spaces from each of its characters.
 */
export function trimSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && WHITE_SPACE.test(text.charAt(start))) start++;
  while (start < end && WHITE_SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * Zero-width characters, fillers, variation selectors and similar characters. Texts that differ only in these look the
 * same.
 */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

export const hasInvisible = (text: string): boolean => INVISIBLE.test(text);

/** For each opening control, the control that closes it: PDF for LRE, RLE, LRO and RLO; PDI for LRI, RLI and FSI. */
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
/** Ends a paragraph, which also closes all open controls. */
const PARAGRAPH_SEPARATOR = '\u2029';

/** What is wrong with a text that {@link isBidiBalanced} rejects. */
export const UNBALANCED_BIDI = {
  code: 'unbalanced_bidi',
  message: 'must close every bidirectional control character that it opens',
} as const;

/**
 * True if all embeddings, overrides and isolates are closed and properly nested (UAX #9 section 2). An unclosed control
 * can reverse the text that follows it on a page. Marks such as LRM need no closing control.
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

/** Control characters, lone surrogates, and what changes the direction of the text that follows. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others for a terminal: what it could take for a command becomes a question mark. */
export const printable = (text: string): string => text.replaceAll(UNSAFE, '?');

/** The same, for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** JSON without the same characters: they become escape sequences. Line feeds between the members stay. */
export const printableJson = (json: string): string =>
  json.replaceAll(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A character that no text of one line contains. */
export const CONTROL_CHARACTER = /\p{Cc}/u;
/** Allows tab, line feed and carriage return, because prose may have paragraphs. */
export const CONTROL_CHARACTER_IN_PROSE = /[^\P{Cc}\t\n\r]/u;
