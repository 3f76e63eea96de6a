// Correct and incorrect ways to encode the text of a body.

const utf8 = new TextEncoder();
const LIMIT_BYTES = 64 * 1024;

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
const padded = (text: string, bytes: number) => {
  const missing = Math.max(0, bytes - utf8.encode(text).length);
  return utf8.encode(text + ' '.repeat(missing));
};

export const ENCODINGS = {
  'UTF-8': (text: string) => utf8.encode(text),
  'UTF-8 with a byte order mark': (text: string) => utf8.encode(`\ufeff${text}`),
  'UTF-16': (text: string) =>
    Uint8Array.from(text.split('').flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8])),
  'Latin-1': (text: string) => latin1(`${text}\u00e4`),
  'an invalid UTF-8 byte': (text: string) => Uint8Array.of(...utf8.encode(text.slice(0, 99)), 255),
  truncated: (text: string) => utf8.encode(text.slice(0, text.length / 2)),
  'garbage appended': (text: string) => utf8.encode(`${text}garbage`),
  twice: (text: string) => utf8.encode(text + text),
  'NUL appended': (text: string) => utf8.encode(`${text}\0`),
  empty: () => new Uint8Array(),
  'one byte under the limit': (text: string) => padded(text, LIMIT_BYTES - 1),
  'at the limit': (text: string) => padded(text, LIMIT_BYTES),
  'one byte over the limit': (text: string) => padded(text, LIMIT_BYTES + 1),
  'twice the limit': (text: string) => padded(text, LIMIT_BYTES * 2),
} as const satisfies Record<string, (text: string) => Uint8Array>;

export type Encoding = keyof typeof ENCODINGS;

export const encodingNames = Object.keys(ENCODINGS) as Encoding[];

export const encode = (text: string, encoding: Encoding): Uint8Array<ArrayBuffer> =>
  new Uint8Array(ENCODINGS[encoding](text));
