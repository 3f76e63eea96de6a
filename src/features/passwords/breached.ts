import { toHex, utf8 } from '../../core/crypto/bytes.ts';
import type { Logger } from '../../core/log.ts';
import { OutboundError } from '../../core/outbound.ts';
import type { Outbound } from '../../core/ports.ts';
import type { TraceContext } from '../../core/trace.ts';

const TIMEOUT_MS = 1500;
/** A padded response has about a thousand lines, 40 KB. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const PREFIX_LENGTH = 5;
/** The other 35 digits of a SHA-1, and how often the password was found in breaches; 0 in a padding line. */
const LINE = /^([0-9A-F]{35}):(\d{1,10})$/i;

export interface BreachedPasswords {
  /** True if a password is known from a breach; false if the API does not respond in time. */
  has(password: string, trace?: TraceContext): Promise<boolean>;
}

/**
 * Creates a client of a range API like that of Have I Been Pwned (https://haveibeenpwned.com/API/v3#PwnedPasswords).
 * Sends the first five hexadecimal digits of the password's SHA-1, and receives the other digits of all breached
 * passwords with this prefix. The response is padded, so that its length reveals nothing. If there is no usable
 * response within 1.5 seconds, the password counts as not breached, and a warning is logged.
 *
 * @param url base URL with a trailing slash, to which the five digits are appended
 */
export function createBreachedPasswords(
  url: string,
  log: Logger,
  fetch: Outbound,
): BreachedPasswords {
  return {
    async has(password, trace) {
      const digest = hex(await crypto.subtle.digest('SHA-1', utf8(password.normalize('NFC'))));
      const [prefix, suffix] = [digest.slice(0, PREFIX_LENGTH), digest.slice(PREFIX_LENGTH)];
      try {
        const { bytes } = await fetch(`${url}${prefix}`, {
          headers: { 'Add-Padding': 'true' },
          limitMs: TIMEOUT_MS,
          maxBytes: MAX_ANSWER_BYTES,
          expects: 200,
          trace,
        });
        const isBreached = isListed(new TextDecoder().decode(bytes), suffix);
        if (isBreached !== undefined) return isBreached;
        log.warn('breach_check_failed', { reason: 'unreadable' });
      } catch (error) {
        // Logs only the reason, because the error itself could contain the prefix.
        const reason = error instanceof OutboundError ? error.reason : 'unreachable';
        log.warn('breach_check_failed', { reason });
      }
      return false;
    },
  };
}

/** @returns `undefined` if a line is not in the API's format */
function isListed(answer: string, suffix: string): boolean | undefined {
  const lines = answer.split(/\r?\n/).filter((line) => line !== '');
  const entries = lines.map((line) => LINE.exec(line));
  if (entries.includes(null)) return undefined;
  return entries.some((entry) => entry?.[1]?.toUpperCase() === suffix && Number(entry[2]) > 0);
}

const hex = (digest: ArrayBuffer): string => toHex(new Uint8Array(digest)).toUpperCase();
