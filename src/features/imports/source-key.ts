import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64Url, utf8 } from '../../core/crypto/bytes.ts';

const PLAIN = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Returns what `imports.source_id` holds for an id: the id if it is short and plain, or else a hash of it. An id may be
 * an email address, which must not outlive its account.
 */
export const sourceKey = (id: string): string => (PLAIN.test(id) ? id : hashed(id));

/** The key of an account that has no id in its source: a hash of its address. */
export const addressKey = (kind: 'email' | 'phone', normalized: string): string =>
  hashed(`${kind}:${normalized}`);

const hashed = (text: string): string => `sha256:${toBase64Url(sha256(utf8(text)))}`;
