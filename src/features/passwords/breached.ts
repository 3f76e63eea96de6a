import { utf8 } from '../../core/crypto/bytes.ts';
import type { Logger } from '../../core/log.ts';
import { VERSION } from '../../core/version.ts';

const LIMIT_MS = 1500;
/** A thousand padded lines are 40 KB. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const PREFIX_LENGTH = 5;
/** The rest of a SHA-1 and how often it was seen; zero times is padding. */
const LINE = /^([0-9A-F]{35}):(\d{1,10})$/i;

export interface BreachedPasswords {
  /** Tells whether a password is known from a breach; `false` where that cannot be found out in time. */
  has(password: string): Promise<boolean>;
}

/** Why there was no answer, for the log: never a word of the other side, which could name the prefix. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Asks a range API in the way of Have I Been Pwned (https://haveibeenpwned.com/API/v3#PwnedPasswords):
 * five hexadecimal digits of the password's SHA-1 go out, all that is known to begin with them comes back,
 * padded so that its length tells nothing. An answer is worth 1.5 seconds and no more: without one the
 * password counts as good, and the log gets a warning.
 *
 * @param url what the five digits are put behind; ends with a slash
 */
export function createBreachedPasswords(url: string, log: Logger): BreachedPasswords {
  return {
    async has(password) {
      const digest = hex(await crypto.subtle.digest('SHA-1', utf8(password.normalize('NFC'))));
      const [prefix, suffix] = [digest.slice(0, PREFIX_LENGTH), digest.slice(PREFIX_LENGTH)];
      try {
        const answer = await withinLimit((signal) => askFor(`${url}${prefix}`, signal));
        return isListed(answer, suffix);
      } catch (error) {
        const reason = error instanceof NoAnswer ? error.reason : 'unreachable';
        log.warn('breach_check_failed', { reason });
        return false;
      }
    },
  };
}

/** Gives up on its own too: not every runtime's `fetch` heeds the signal once the body has begun. */
async function withinLimit<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer('too_slow')), LIMIT_MS);
  });
  try {
    return await Promise.race([work(controller.signal), tooLate]);
  } finally {
    clearTimeout(timer);
    // Whatever is still coming is not waited for.
    controller.abort();
  }
}

async function askFor(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    headers: { 'Add-Padding': 'true', 'User-Agent': `latchkey/${VERSION}` },
    // Workers know no `error`; what is no 200 is no answer.
    redirect: 'manual',
    signal,
  });
  if (response.status !== 200) throw new NoAnswer(`status_${response.status}`);
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > MAX_ANSWER_BYTES) throw new NoAnswer('too_long');
    text += decoder.decode(part.value, { stream: true });
  }
  return text;
}

/** @throws NoAnswer where a line is none of that API's */
function isListed(answer: string, suffix: string): boolean {
  const lines = answer.split(/\r?\n/).filter((line) => line !== '');
  const entries = lines.map((line) => {
    const entry = LINE.exec(line);
    if (!entry) throw new NoAnswer('unreadable');
    return { suffix: entry[1]?.toUpperCase(), count: Number(entry[2]) };
  });
  return entries.some((entry) => entry.suffix === suffix && entry.count > 0);
}

const hex = (digest: ArrayBuffer): string =>
  Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
