import type { Config } from '../../config/config.ts';
import { type CreateMac, deriveMac } from '../../core/crypto/derived-key.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import type { LimitName } from '../../core/metrics/metrics.ts';
import { networkOf, networksOf } from '../../core/network.ts';
import {
  headersOrRefusal,
  type LimitHeaders,
  type Quota,
  type Verdict,
  widened,
} from '../../core/quota.ts';
import { parseIdentifier } from '../users/identifier.ts';
import type { Exemption, Hit, HitName, RateLimitStore } from './store.ts';

/** The quota of logins to one account from all unknown networks together, as a multiple of the quota of one network. */
const UNKNOWN_NETWORKS_SHARE = 3;
// The remaining counts of these quotas would reveal how often others try a name, so they are reported only when
// exhausted.
const BY_NAME = 'login';
const BY_ACCOUNT = 'login-account';
const BY_DEVICE = 'login-device';
const UNREPORTED: readonly HitName[] = [BY_NAME, BY_ACCOUNT, BY_DEVICE];

const KEY_PURPOSE = 'latchkey rate limit v1';

/**
 * Limits the operations that attract guessing. Refreshes are counted on their sessions instead. Each function returns
 * header fields, and throws AppError `too_many_requests` if a quota is used up.
 */
export interface RateLimits {
  /**
   * @param username the name as typed; all spellings of a name count as one account
   * @param device the token that the caller presents. If it is that of a device of the account, the limits of the name do
   * not count, and the device has a quota of its own
   */
  logIn(
    username: string,
    address: string | null,
    device?: string | null | undefined,
  ): Promise<LimitHeaders>;
  signUp(address: string | null): Promise<LimitHeaders>;
  changePassword(userId: string): Promise<LimitHeaders>;
  exportAccount(userId: string): Promise<LimitHeaders>;
  setAvatar(userId: string): Promise<LimitHeaders>;
  /** A message that an administrator causes. */
  adminMessage(userId: string): Promise<LimitHeaders>;
  /** A link or a code. @param username as typed; empty for a link, or for a user who is logged in */
  useCode(
    username: string,
    address: string | null,
    device?: string | null | undefined,
  ): Promise<LimitHeaders>;
  /** Counts a message. The caller is not told whether it is sent. */
  message(message: CountedMessage): Promise<MessageVerdict>;
}

/**
 * Whether a message may be sent. `network`: the caller's network has used up its quota, whatever the name. `target`: the
 * address or the account has. `budget`: the daily limit of text messages is reached.
 */
export type MessageVerdict = 'ok' | 'network' | 'target' | 'budget';

/** A message that a caller has requested. */
export interface CountedMessage {
  readonly channel: 'email' | 'phone';
  /** The normalized address. */
  readonly to: string;
  /** The account, or the typed name if there is none. */
  readonly account: string;
  /**
   * True if its owner asks: logged in, or from a network that the account knows. They have quotas of their own, so that
   * strangers cannot use them up.
   */
  readonly isOwner: boolean;
  /** False if the owner asks for a message to an address that may be that of somebody else. */
  readonly isOwnAddress: boolean;
  /** True if the account has verified the address. The others share half of the daily limit of text messages. */
  readonly isVerified: boolean;
  /** True if nothing is sent in any case. It does not count towards the daily limit of text messages. */
  readonly isDecoy: boolean;
  /** The address of the caller. */
  readonly caller: string | null;
}

/** The quotas of messages to one address, and to one account. */
const MESSAGE_QUOTAS: readonly Quota[] = [
  { count: 1, seconds: 60 },
  { count: 5, seconds: 3600 },
  { count: 10, seconds: 86_400 },
];
/** The quota of exports of one account. An export reads everything that is stored about it. */
const EXPORT_QUOTA: Quota = { count: 5, seconds: 3600 };
/** The quota of messages that one administrator causes: invitations and required resets. */
const ADMIN_QUOTA: Quota = { count: 60, seconds: 3600 };
const BY_NETWORK = 'messages';
const SMS = 'sms';
const DAY_SECONDS = 86_400;

interface RateLimitParts {
  readonly store: RateLimitStore;
  readonly createMac: CreateMac;
  readonly meter: Meter;
  /** Returns the hashes that a device token may be stored as, the newest first. */
  readonly deviceTokens: {
    read(
      token: string | null | undefined,
    ): { readonly hashes: readonly [string, ...string[]] } | undefined;
  };
}

/**
 * Creates limits that all servers of a database share. Limits by address also count the wider networks that contain an
 * IPv6 address. A caller whose address is unknown is limited only by account: if such callers shared a counter, one of
 * them could lock out the others.
 */
export async function createRateLimits(
  config: Pick<Config, 'rateLimits' | 'secretKeys' | 'defaultPhoneRegion' | 'messages'>,
  { store, createMac, meter, deviceTokens }: RateLimitParts,
): Promise<RateLimits> {
  const { login, loginByAddress, signup, messages } = config.rateLimits;
  const { smsDailyLimit } = config.messages;
  const mac = await deriveMac(config.secretKeys[0], KEY_PURPOSE, createMac);

  /** The key of a counter is a MAC, so that the database does not reveal which caller tried which name. */
  function hit(name: HitName, quota: Quota | null, who: string | null): Hit[] {
    if (quota === null || who === null) return [];
    return [{ name, quota, key: mac(`${name} ${who}`) }];
  }

  const exempting = (hits: readonly Hit[], exempt: Exemption | undefined): Hit[] =>
    hits.map((counted) => ({ ...counted, exempt }));

  /** Returns one hit for each network of the address, narrowest first. A hit counts only if all hits before it did. */
  function hitsByNetwork(name: LimitName, quota: Quota | null, address: string | null): Hit[] {
    if (quota === null || address === null) return [];
    return networksOf(address).flatMap(({ key, share }) => hit(name, widened(quota, share), key));
  }

  /** Counts a refusal. The windows of a limit count as one. */
  const countHit = (name: HitName) =>
    meter.count('latchkey_limit_hits_total', { limit: limitOf(name) });

  async function take(...hits: readonly Hit[][]): Promise<LimitHeaders> {
    const [first, ...others] = hits.flat();
    if (!first) return {};
    const verdicts = onePerName(await store.take([first, ...others]));
    for (const { name, isOver } of verdicts) if (isOver) countHit(name);
    return headersOrRefusal(
      verdicts.filter(({ name, isOver }) => isOver || !UNREPORTED.includes(name)),
    );
  }

  const guessesOf = (address: string | null): Hit[] =>
    hitsByNetwork('login-address', loginByAddress, address);

  /** Codes and passwords of a name are guessed in the same way, and share its counters. */
  async function logIn(
    username: string,
    address: string | null,
    token?: string | null | undefined,
  ): Promise<LimitHeaders> {
    const identifier = parseIdentifier(username, config.defaultPhoneRegion)?.normalized ?? username;
    const network = networkOf(address ?? '');
    const device = deviceTokens.read(token);
    const byAccount = login && widened(login, UNKNOWN_NETWORKS_SHARE);
    const exempt = { identifier, network, hashes: device?.hashes ?? [] };
    return take(
      guessesOf(address),
      exempting(
        hit(BY_NAME, login, `${network} ${identifier}`),
        device && { ...exempt, who: 'device' },
      ),
      // Strangers cannot use up the logins of the owner, who comes from a known network or device.
      exempting(hit(BY_ACCOUNT, byAccount, identifier), {
        ...exempt,
        who: device ? 'either' : 'network',
      }),
      device
        ? exempting(hit(BY_DEVICE, login, device.hashes[0]), { ...exempt, who: 'others' })
        : [],
    );
  }

  /** Text messages to addresses that nobody has proved draw on half of the budget: they leave the rest to the others. */
  function smsHits({ channel, isVerified, isDecoy }: CountedMessage): Hit[] {
    if (channel !== 'phone') return [];
    const whole = { count: smsDailyLimit, seconds: DAY_SECONDS };
    if (isDecoy) return hit(SMS, whole, 'decoys');
    const half = { ...whole, count: Math.ceil(smsDailyLimit / 2) };
    return [...(isVerified ? [] : hit(SMS, half, 'unverified')), ...hit(SMS, whole, '')];
  }

  return {
    logIn,

    useCode: async (username, address, device) =>
      username === '' ? take(guessesOf(address)) : logIn(username, address, device),

    async signUp(address) {
      return take(hitsByNetwork('signup', signup, address));
    },

    async changePassword(userId) {
      return take(hit('password', login, userId));
    },

    async exportAccount(userId) {
      return take(hit('export', EXPORT_QUOTA, userId));
    },

    async setAvatar(userId) {
      return take(hit('avatar', config.rateLimits.avatar, userId));
    },

    async adminMessage(userId) {
      return take(hit('admin', ADMIN_QUOTA, userId));
    },

    async message(message) {
      const { channel, to, account, isOwner, isOwnAddress, caller } = message;
      if (channel === 'phone' && smsDailyLimit === 0) return 'budget';
      const whose = isOwner ? 'owner' : 'strangers';
      const whoseAddress = isOwner && !isOwnAddress ? 'members' : whose;
      const [first, ...others] = [
        ...hitsByNetwork(BY_NETWORK, messages, caller),
        ...MESSAGE_QUOTAS.flatMap((quota) => [
          ...hit(`message-address-${quota.seconds}`, quota, `${whoseAddress} ${to}`),
          ...hit(`message-account-${quota.seconds}`, quota, `${whose} ${account}`),
        ]),
        ...smsHits(message),
      ];
      const over = first && (await store.firstRejection([first, ...others]));
      if (over === undefined) return 'ok';
      countHit(over);
      if (over === BY_NETWORK) return 'network';
      return over === SMS ? 'budget' : 'target';
    },
  };
}

/** Removes the length of the window. */
const limitOf = (name: HitName): LimitName => name.replace(/-\d+$/, '') as LimitName;

/**
 * Returns the first verdict for each name. This is the verdict of the narrowest network, or of the network that exceeds
 * its quota.
 */
function onePerName(verdicts: readonly Verdict<HitName>[]): Verdict<HitName>[] {
  const byName = new Map<HitName, Verdict<HitName>>();
  for (const verdict of verdicts) {
    if (verdict.isOver || !byName.has(verdict.name)) byName.set(verdict.name, verdict);
  }
  return [...byName.values()];
}
