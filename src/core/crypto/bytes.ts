const encoder = new TextEncoder();

/** Bytes in an `ArrayBuffer`, not a `SharedArrayBuffer`: the types of Web Crypto accept no other. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Encodes a text in UTF-8. */
export const utf8 = (text: string): Bytes => encoder.encode(text);

/** Returns `length` cryptographically secure random bytes. */
export const randomBytes = (length: number): Bytes =>
  crypto.getRandomValues(new Uint8Array(length));

/** Encodes in lower-case hexadecimal digits. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Encodes in standard base64 (RFC 4648 section 4) without padding, as in PHC strings. */
export function toBase64(bytes: Uint8Array): string {
  // Spreading the bytes takes six times as long.
  return btoa(Reflect.apply(String.fromCharCode, null, bytes)).replaceAll('=', '');
}

/** Encodes in base64url (RFC 4648 section 5) without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_');
}

const ASCII = /^[\0-\x7f]*$/;

/**
 * Encodes the UTF-8 bytes of a text in base64url. For ASCII it skips the conversion to bytes, which takes most of the
 * time.
 */
export function textToBase64Url(text: string): string {
  if (!ASCII.test(text)) return toBase64Url(utf8(text));
  return btoa(text).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
}

/** Groups of four characters, then at most one shorter group, padded or not. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Decodes standard base64, padded or not. Returns `undefined` for invalid input; never throws. */
export function fromBase64(text: string): Bytes | undefined {
  if (!BASE64.test(text)) return undefined;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** Decodes base64url without padding. Returns `undefined` for invalid input; never throws. */
export function fromBase64Url(text: string): Bytes | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined;
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

/** Like {@link equalInConstantTime}, for texts. */
export function equalTextsInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** Compares without a data-dependent branch. Its running time reveals only whether the lengths differ. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
