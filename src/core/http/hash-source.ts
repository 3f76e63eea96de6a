import { toBase64, utf8 } from '../crypto/bytes.ts';

/**
 * Returns the source expression by which a content security policy allows an inline script or style: the SHA-256 of its
 * exact text (CSP Level 3, section 8.3). With it, `unsafe-inline` is not needed.
 */
export async function hashSourceOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));
  // The base64 encoding of 32 bytes ends with one padding character.
  return `'sha256-${toBase64(digest)}='`;
}
