const MIN_DISTINCT_CHARACTERS = 8;
/**
 * Far below 160 bits, the estimate for 32 random hexadecimal digits, the weakest secret that the documentation
 * generates.
 */
const MIN_BITS = 80;
/** The entropy of a word, a sequence or a repetition of any length. */
const BITS_OF_PATTERN = 8;
/** Shorter patterns are frequent in random text. */
const MIN_PATTERN_LENGTH = 4;

/** Secrets from tutorials and documentation, which every attacker knows. In lower case. */
const KNOWN_SECRETS = new Set([
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  'a-string-secret-at-least-256-bits-long',
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'better-auth-secret-12345678901234567890',
  'your-secret-key-change-this-in-production',
  '0123456789abcdef0123456789abcdef',
  '12345678901234567890123456789012',
  '00112233445566778899aabbccddeeff',
  // The SHA-256 of the empty string, and the MD5 and SHA-256 of `password`.
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '5f4dcc3b5aa765d61d8327deb882cf99',
  '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8',
]);

/** Keyboard rows, and words that occur in placeholders for a secret. */
const FAMILIAR =
  '1qaz2wsx3edc4rfv qwertyuiop asdfghjkl zxcvbnm changeme change secret password please replace insecure example default production development random string your this here with token signing session latchkey';

/** The alphabets of the characters in a secret, with their sizes. */
const ALPHABETS: readonly (readonly [RegExp, number])[] = [
  [/[0-9]/, 10],
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[!-/:-@[-`{-~]/, 32],
  [/\P{ASCII}/u, 100],
];

/** True if a secret is a published example, or consists mainly of repetitions, sequences and common words. */
export const isGuessable = (secret: string): boolean =>
  KNOWN_SECRETS.has(secret.trim().toLowerCase()) ||
  new Set(secret).size < MIN_DISTINCT_CHARACTERS ||
  estimateBits(secret) < MIN_BITS;

/**
 * Estimates the entropy of a secret in bits. Finds patterns as LZ77 compression does: each pattern counts once, however
 * long it is, and each character outside a pattern counts in full. Ignores letter case and separators.
 *
 * Random keys stay above {@link MIN_BITS}: 32 random hexadecimal digits fall below it only if at least 19 of them are
 * part of patterns, and only one key in 20 contains a pattern of four digits at all.
 */
function estimateBits(secret: string): number {
  const ofCharacter = Math.log2(
    ALPHABETS.reduce((sum, [pattern, size]) => sum + (pattern.test(secret) ? size : 0), 1),
  );
  const characters = [...secret.toLowerCase().replaceAll(/[\s._-]/g, '')];
  const known = [...FAMILIAR, ...characters];
  let bits = 0;
  for (let at = FAMILIAR.length; at < known.length; ) {
    const length = Math.max(sequenceAt(known, at), repetitionAt(known, at));
    const isPattern = length >= MIN_PATTERN_LENGTH;
    bits += isPattern ? BITS_OF_PATTERN : ofCharacter;
    at += isPattern ? length : 1;
  }
  return bits;
}

/** The length of the longest text that starts at a position and also occurs at an earlier one. The two may overlap. */
function repetitionAt(known: readonly string[], at: number): number {
  let longest = 0;
  for (let from = 0; from < at; from++) {
    let length = 0;
    while (at + length < known.length && known[from + length] === known[at + length]) length++;
    longest = Math.max(longest, length);
  }
  return longest;
}

/**
 * The length of the run that starts at a position. In a run, code points are all equal, ascend by one or descend by
 * one.
 */
function sequenceAt(known: readonly string[], at: number): number {
  const step = (index: number) =>
    (known[index + 1]?.codePointAt(0) ?? Number.NaN) - (known[index]?.codePointAt(0) ?? Number.NaN);
  const first = step(at);
  if (!(Math.abs(first) <= 1)) return 1;
  let length = 2;
  while (step(at + length - 1) === first) length++;
  return length;
}
