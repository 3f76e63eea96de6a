import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64Url, utf8 } from '../../core/crypto/bytes.ts';

/** Numbers that are too short for a phone number, UUIDs, and other random ids of at least 20 letters and digits. */
const PLAIN =
  /^(\d{1,9}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|(?=.*\d)(?=.*[a-z])[\da-z]{20,64})$/i;
/** 24 bits: too few to find an address by. */
const FINGERPRINT_LENGTH = 4;

/**
 * Returns what `imports.source_id` holds for an id: the id if it is a short number or random, or else a hash of it. An id
 * may be an email address, a user name or a phone number, which must not outlive its account in plain text.
 */
export const sourceKey = (id: string): string => (PLAIN.test(id) ? id : hashed(id));

/** The key of an account that has no id in its source: a hash of its address. */
export const addressKey = (kind: 'email' | 'phone', normalized: string): string =>
  hashed(`${kind}:${normalized}`);

/** What `imports.fingerprint` holds for addresses, in normal form where they have one. */
export const fingerprintOf = (email: string | null, phone: string | null): string =>
  digest(JSON.stringify([email, phone])).slice(0, FINGERPRINT_LENGTH);

const hashed = (text: string): string => `sha256:${digest(text)}`;

const digest = (text: string): string => toBase64Url(sha256(utf8(text)));
