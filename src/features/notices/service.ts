import type { Config } from '../../config/config.ts';
import { type DailyNoticeKind, isDailyNotice } from '../../config/message-kinds.ts';
import type { Condition, OnlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import type { TraceContext } from '../../core/trace.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import { CHANNELS, type Locale, type MessageKind } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import { type Address, addressOf, isVerified, type User } from '../users/user.ts';
import { queueDaily } from './statements.ts';

/** The notices of what administrators have done. Nothing switches them off. */
export type AdminNoticeKind = Extract<MessageKind, `admin_${string}`>;

/** What has happened to an account, and to which. */
export interface Notice {
  readonly kind: DailyNoticeKind | AdminNoticeKind | 'deleted';
  readonly user: User;
  readonly locale: Locale;
  /** The trace of the request that has caused it. */
  readonly trace?: TraceContext | undefined;
}

/** Builds the statements that queue a notice if a condition holds. */
export type NoticeStatements = (condition: Condition) => readonly OnlyIf[];

/** Tells the owner of an account what has happened to it. */
export interface Notices {
  /**
   * Prepares a notice to the verified email address, else to the verified phone number. An unverified address may be
   * that of somebody else, and anybody can sign up with it. Returns `undefined` if there is no verified address that a
   * sender reaches, or if the settings switch the kind off.
   *
   * @returns builds the statements for the batch of the change. Of a kind that strangers or a stolen session can repeat,
   * they queue one a day
   */
  prepare(notice: Notice): Promise<NoticeStatements | undefined>;
  /** False if no notice of a kind is sent, whatever the account. */
  isOn(kind: DailyNoticeKind): boolean;
}

interface NoticeParts {
  readonly config: Pick<Config, 'defaultPhoneRegion' | 'messages'>;
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly messages: Pick<Messages, 'canSend' | 'prepare'>;
}

/** How long a notice is worth sending. */
const NOTICE_MS = LIFETIME_MS.verify;

/** Strangers can cause these: no text message is paid for them. */
const BY_EMAIL_ONLY: ReadonlySet<Notice['kind']> = new Set(['new_login', 'lockout']);

export function createNotices({ config, db, clock, messages }: NoticeParts): Notices {
  const channelsFor = (kind: Notice['kind']) =>
    isDailyNotice(kind) && !config.messages.notices.includes(kind)
      ? []
      : CHANNELS.filter(
          (channel) =>
            messages.canSend(channel) && !(channel === 'phone' && BY_EMAIL_ONLY.has(kind)),
        );

  function recipientOf(user: User, kind: Notice['kind']): Address | undefined {
    const channel = channelsFor(kind).find((each) => isVerified(user, each));
    return channel && addressOf(user, channel, config.defaultPhoneRegion);
  }

  return {
    isOn: (kind) => channelsFor(kind).length > 0,

    async prepare({ kind, user, locale, trace }) {
      const recipient = recipientOf(user, kind);
      if (!recipient) return undefined;
      const { channel, to } = recipient;
      const now = clock();
      const message = { kind, channel, to, locale };
      const queue = await messages.prepare(message, {
        userId: user.id,
        expiresAt: now + NOTICE_MS,
        trace,
      });
      const isDaily = isDailyNotice(kind);
      const daily = { userId: user.id, kind, now, queue };
      return (condition) => (isDaily ? queueDaily(db, daily, condition) : [queue(condition)]);
    },
  };
}
