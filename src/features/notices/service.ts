import type { Config } from '../../config/config.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import { CHANNELS, type Locale } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import type { Queueing } from '../messages/store.ts';
import { type Address, addressOf, isVerified, type User } from '../users/user.ts';

/** What has happened to an account, and to which. */
interface Notice {
  readonly kind: 'deleted';
  readonly user: User;
  readonly locale: Locale;
}

/** Tells the owner of an account what has happened to it. */
export interface Notices {
  /**
   * Prepares a notice to the verified email address, else to the verified phone number, else to the email address as
   * entered. Returns `undefined` if there is none that a sender reaches.
   */
  prepare(notice: Notice): Promise<Queueing | undefined>;
}

interface NoticeParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly messages: Pick<Messages, 'canSend' | 'prepare'>;
}

/** How long a notice is worth sending. */
const NOTICE_MS = LIFETIME_MS.verify;

export function createNotices({ config, clock, messages }: NoticeParts): Notices {
  function recipientOf(user: User): Address | undefined {
    const channels = CHANNELS.filter((channel) => messages.canSend(channel));
    const verified = channels.find((channel) => isVerified(user, channel));
    const channel = verified ?? channels.find((other) => other === 'email');
    return channel && addressOf(user, channel, config.defaultPhoneRegion);
  }

  return {
    async prepare({ kind, user, locale }) {
      const recipient = recipientOf(user);
      if (!recipient) return undefined;
      const { channel, to } = recipient;
      const expiresAt = clock() + NOTICE_MS;
      return messages.prepare({ kind, channel, to, locale }, { userId: user.id, expiresAt });
    },
  };
}
