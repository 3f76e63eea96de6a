import type { MailMessage, SmsMessage } from '../../../core/ports.ts';
import { isoTime } from '../../../core/time.ts';
import type { Channel } from '../message.ts';

/** A message that was printed. */
export type PrintedMessage = (MailMessage | SmsMessage) & {
  readonly channel: Channel;
  /** RFC 3339. */
  readonly at: string;
};

/** Messages that are printed, in place of being sent. */
export interface ConsoleSender {
  print(channel: Channel, message: MailMessage | SmsMessage): void;
  /** The last 50, newest first. */
  latest(): readonly PrintedMessage[];
}

const MAX_KEPT = 50;
const LINE = '-'.repeat(72);

/**
 * @param print writes on the console, never through the logger: the text contains an address and a token
 * @param clock milliseconds since 1970
 */
export function createConsoleSender(
  print: (text: string) => void,
  clock: () => number,
): ConsoleSender {
  const kept: PrintedMessage[] = [];
  return {
    print(channel, message) {
      kept.unshift({ channel, at: isoTime(clock()), ...message });
      kept.length = Math.min(kept.length, MAX_KEPT);
      const subject = 'subject' in message ? [`Subject: ${message.subject}`] : [];
      print([LINE, `To: ${message.to}`, ...subject, '', message.text.trimEnd(), LINE].join('\n'));
    },
    latest: () => kept,
  };
}
