import type { Config } from '../../config/config.ts';
import type { LinkAction } from '../../config/message-kinds.ts';
import type { Caller } from '../../core/caller.ts';
import type { Condition } from '../../core/db/change.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Later } from '../../core/ports.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import type { Channel, Locale, MessageKind } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import { countryOf } from '../users/identifier.ts';
import { type CodeHashes, newCode, newToken, type Purpose } from './code.ts';
import type { NewCode } from './statements.ts';
import type { CodeStore } from './store.ts';

/** Who asks for a message, and in which language. */
export interface Requester {
  readonly caller: Caller;
  readonly locale: Locale;
  readonly later: Later;
}

/** A message to an address of an account. */
export interface Notice {
  readonly kind: MessageKind;
  readonly channel: Channel;
  /** Undefined for an unknown name: the same work is done, and nothing is sent. */
  readonly userId: number | undefined;
  /** Where it is sent: an email address as its user entered it, or a phone number in E.164. */
  readonly to: string;
  /** The same, normalized. */
  readonly address: string;
  /** True if the owner of the account asks: logged in, or from a network that the account knows. */
  readonly isOwner: boolean;
  /** False if the address may be that of somebody else. */
  readonly isOwnAddress?: boolean;
  /** True if the account has verified the address. */
  readonly isVerified?: boolean;
}

/** A message with a link, a code or both, bound to its address. */
export interface MessageRequest extends Notice {
  readonly purpose: Purpose;
  /** The address as its user entered it. */
  readonly entered: string;
  /** The action of its link; no link if undefined. */
  readonly link?: LinkAction;
  /** A `hidden` code is stored and not sent, so that messages with and without one do the same work. */
  readonly code?: 'shown' | 'hidden';
  /** The link for somebody who did not enter the address: it takes the address away from the account. */
  readonly release?: 'shown' | 'hidden';
  /** Must hold for the row of `users`: that the session of the caller is live. */
  readonly requires?: Condition;
}

/** Sends the links and codes that callers request. */
export interface CodeRequests {
  /** @throws AppError `messages_off` if the channel has no sender */
  requireSender(channel: Channel): void;
  /**
   * Issues links and codes and queues their message. Over a limit it does the same work, and nothing is sent: neither
   * the answer nor its time tells whether the account exists.
   *
   * @throws AppError `invalid_token` if the session of the caller has ended
   */
  send(request: MessageRequest, requester: Requester): Promise<void>;
  /** Queues a message without a link or code, under the same limits. */
  notify(notice: Notice, requester: Requester): Promise<void>;
}

const LOG_INTERVAL_MS = 3_600_000;

interface RequestParts {
  readonly config: Pick<Config, 'messages' | 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: Pick<CodeStore, 'issue' | 'notify'>;
  readonly codeHashes: CodeHashes;
  readonly limits: Pick<RateLimits, 'message'>;
  readonly log: Logger;
  readonly messages: Pick<Messages, 'canSend' | 'prepare' | 'kick'>;
}

export function createCodeRequests(parts: RequestParts): CodeRequests {
  const { config, clock, codes, codeHashes, limits, log, messages } = parts;
  const countries = config.messages.smsCountries ?? [config.defaultPhoneRegion];

  /** A number in a country without service gets no text message: fraud bills the sender for numbers abroad. */
  const isServed = ({ channel, address }: Notice): boolean =>
    channel === 'email' || countries.includes(countryOf(address) ?? '');

  let loggedAt = Number.NEGATIVE_INFINITY;

  /** Tells the operator, at most once an hour, that text messages are held back. */
  function logBudget(): void {
    if (clock() - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = clock();
    log.error('sms_limit_reached', { limit: config.messages.smsDailyLimit });
  }

  /**
   * The account that gets the message; null if none may be sent. `undefined` if the network of the caller is over its
   * quota: then not even a decoy is written, since that depends on no name.
   */
  async function recipientOf(notice: Notice, caller: Caller): Promise<number | null | undefined> {
    const {
      channel,
      userId,
      address,
      isOwner,
      isOwnAddress = isOwner,
      isVerified = false,
    } = notice;
    const served = isServed(notice) ? userId : undefined;
    const verdict = await limits.message({
      ...{ channel, to: address, isOwner, isOwnAddress, isVerified },
      account: userId === undefined ? address : String(userId),
      isDecoy: served === undefined,
      caller: caller.address,
    });
    if (verdict === 'network') return undefined;
    if (verdict === 'budget') logBudget();
    return verdict === 'ok' ? (served ?? null) : null;
  }

  /** The secrets of a message, the rows that verify them, and when the first of them expires. */
  function issueOf(request: MessageRequest, userId: number | null) {
    const { purpose, channel, address, entered, link, code, release } = request;
    const now = clock();
    const common = { userId, channel, address, entered };
    const rows: NewCode[] = [];
    // Housekeeping deletes decoys soon: strangers can cause many.
    const expiryOf = (lifetime: number) => (userId === null ? now : now + lifetime);
    function newLink(of: Purpose, action: LinkAction): string {
      const token = newToken();
      const [hash] = codeHashes.ofLink(of, token);
      const expiresAt = expiryOf(LIFETIME_MS[action]);
      rows.push({ ...common, hash, purpose: of, kind: 'link', expiresAt });
      return token;
    }
    function newDigits(): string {
      const digits = newCode();
      const [hash] = codeHashes.ofCode(purpose, { userId: userId ?? 0, address }, digits);
      rows.push({ ...common, hash, purpose, kind: 'code', expiresAt: expiryOf(LIFETIME_MS.code) });
      return digits;
    }
    const token = link && newLink(purpose, link);
    const digits = code && newDigits();
    const undo = release && newLink('release', 'undo');
    const secrets = {
      token,
      code: code === 'shown' ? digits : undefined,
      undo: release === 'shown' ? undo : undefined,
    };
    const [first, ...others] = rows;
    if (!first) throw new Error('a requested message has a link or a code');
    return { secrets, rows: [first, ...others] as const, expiresAt: first.expiresAt };
  }

  return {
    requireSender(channel) {
      if (!messages.canSend(channel)) throw new AppError('messages_off');
    },

    async send(request, { caller, locale, later }) {
      const userId = await recipientOf(request, caller);
      if (userId === undefined) return;
      const { secrets, rows, expiresAt } = issueOf(request, userId);
      const { kind, channel, to } = request;
      const message = await messages.prepare(
        { kind, channel, to, locale, ...secrets },
        { userId, expiresAt, trace: caller.trace },
      );
      const isIssued = await codes.issue({ codes: rows, message, requires: request.requires });
      // Two decoys may have the same code.
      if (!isIssued && request.requires && userId !== null) throw new AppError('invalid_token');
      messages.kick(later);
    },

    async notify(notice, { caller, locale, later }) {
      const userId = await recipientOf(notice, caller);
      if (userId === undefined) return;
      const { kind, channel, to } = notice;
      const expiresAt = clock() + LIFETIME_MS.verify;
      const recipient = { userId, expiresAt, trace: caller.trace };
      const message = await messages.prepare({ kind, channel, to, locale }, recipient);
      await codes.notify(message);
      messages.kick(later);
    },
  };
}
