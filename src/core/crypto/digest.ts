import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64Url, utf8 } from './bytes.ts';

/** Returns the SHA-256 of a text in base64url. Synchronous, unlike that of Web Crypto. */
export const digestOf = (text: string): string => toBase64Url(sha256(utf8(text)));
