import { utf8 } from '../../core/crypto/bytes.ts';
import type { Logger } from '../../core/log.ts';
import { OutboundError } from '../../core/outbound.ts';
import type { Outbound } from '../../core/ports.ts';

const LIMIT_MS = 1500;
/** A thousand padded lines are 40 KB. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const PREFIX_LENGTH = 5;
/** The rest of a SHA-1 and how often it was seen; zero times is padding. */
const LINE = /^([0-9A-F]{35}):(\d{1,10})$/i;

export interface BreachedPasswords {
  /** True if a password is known from a breach; false if the API does not answer in time. */
  has(password: string): Promise<boolean>;
}

/**
 * Asks a range API in the way of Have I Been Pwned (https://haveibeenpwned.com/API/v3#PwnedPasswords):
 * five hexadecimal digits of the password's SHA-1 go out, all that is known to begin with them comes back,
 * padded so that its length reveals nothing. The timeout is 1.5 seconds: without an answer the
 * password counts as good, and the log gets a warning.
 *
 * @param url what the five digits are put behind; ends with a slash
 */
export function createBreachedPasswords(
  url: string,
  log: Logger,
  fetch: Outbound,
): BreachedPasswords {
  return {
    async has(password) {
      const digest = hex(await crypto.subtle.digest('SHA-1', utf8(password.normalize('NFC'))));
      const [prefix, suffix] = [digest.slice(0, PREFIX_LENGTH), digest.slice(PREFIX_LENGTH)];
      try {
        const { bytes } = await fetch(`${url}${prefix}`, {
          headers: { 'Add-Padding': 'true' },
          limitMs: LIMIT_MS,
          maxBytes: MAX_ANSWER_BYTES,
          expects: 200,
        });
        const isBreached = isListed(new TextDecoder().decode(bytes), suffix);
        if (isBreached !== undefined) return isBreached;
        log.warn('breach_check_failed', { reason: 'unreadable' });
      } catch (error) {
        // Never a word of the other side, which could name the prefix.
        const reason = error instanceof OutboundError ? error.reason : 'unreachable';
        log.warn('breach_check_failed', { reason });
      }
      return false;
    },
  };
}

/** @returns `undefined` if a line is none of that API's */
function isListed(answer: string, suffix: string): boolean | undefined {
  const lines = answer.split(/\r?\n/).filter((line) => line !== '');
  const entries = lines.map((line) => LINE.exec(line));
  if (entries.includes(null)) return undefined;
  return entries.some((entry) => entry?.[1]?.toUpperCase() === suffix && Number(entry[2]) > 0);
}

const hex = (digest: ArrayBuffer): string =>
  Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
