import type { Config } from '../../config/config.ts';
import { type CreateMac, deriveMac } from '../../core/crypto/derived-key.ts';
import { networkOf, networksOf } from '../../core/network.ts';
import {
  headersOrRefusal,
  type LimitHeaders,
  type Quota,
  type Verdict,
  widened,
} from '../../core/quota.ts';
import { parseIdentifier } from '../users/identifier.ts';
import type { Hit, RateLimitStore } from './store.ts';

/** Logins by one name from all networks that its account does not know, as a multiple of those from one. */
const STRANGERS_SHARE = 3;
/** The remaining count of these would reveal how often others try a name, so they are reported only when exhausted. */
const BY_NAME = 'login';
const BY_NAME_OF_STRANGERS = 'login-account';
const UNTOLD: readonly string[] = [BY_NAME, BY_NAME_OF_STRANGERS];

const KEY_PURPOSE = 'latchkey rate limit v1';

/** Counts what is worth guessing at; refreshes are counted on their sessions. Each throws AppError `too_many_requests` where a quota is used up. */
export interface RateLimits {
  /** @param username as typed; every spelling of it is one account */
  logIn(username: string, address: string | null): Promise<LimitHeaders>;
  signUp(address: string | null): Promise<LimitHeaders>;
  changePassword(userId: string): Promise<LimitHeaders>;
}

/**
 * Limits that all servers of a database share. Those by address count the wider networks of IPv6 too. A caller whose address is not known is limited by account
 * alone: a counter for all of them would let one shut out the others.
 */
export async function createRateLimits(
  config: Pick<Config, 'rateLimits' | 'secretKeys' | 'defaultPhoneRegion'>,
  store: RateLimitStore,
  createMac: CreateMac,
): Promise<RateLimits> {
  const { login, loginByAddress, signup } = config.rateLimits;
  const mac = await deriveMac(config.secretKeys[0], KEY_PURPOSE, createMac);

  /** Names a counter. The database does not learn who tried to log in as whom. */
  function hit(name: string, quota: Quota | null, who: string | null): Hit[] {
    if (quota === null || who === null) return [];
    return [{ name, quota, key: mac(`${name} ${who}`) }];
  }

  /** So that strangers cannot use up the logins of an account's owner, its known networks are exempt. */
  function byStrangers(quota: Quota | null, account: string, network: string): Hit[] {
    if (quota === null) return [];
    const exempt = { identifier: account, network };
    return hit(BY_NAME_OF_STRANGERS, widened(quota, STRANGERS_SHARE), account).map((counted) => ({
      ...counted,
      exempt,
    }));
  }

  /** One hit for each network of the address, the narrowest first, since each counts only where those before it do. */
  function hitsByNetwork(name: string, quota: Quota | null, address: string | null): Hit[] {
    if (quota === null || address === null) return [];
    return networksOf(address).flatMap(({ key, share }) => hit(name, widened(quota, share), key));
  }

  async function take(...hits: readonly Hit[][]): Promise<LimitHeaders> {
    const [first, ...others] = hits.flat();
    if (!first) return {};
    const verdicts = onePerName(await store.take([first, ...others]));
    return headersOrRefusal(
      verdicts.filter(({ name, isOver }) => isOver || !UNTOLD.includes(name)),
    );
  }

  return {
    async logIn(username, address) {
      const identifier = parseIdentifier(username, config.defaultPhoneRegion)?.normalized;
      const account = identifier ?? username;
      const network = networkOf(address ?? '');
      return take(
        hitsByNetwork('login-address', loginByAddress, address),
        hit(BY_NAME, login, `${network} ${account}`),
        byStrangers(login, account, network),
      );
    },

    async signUp(address) {
      return take(hitsByNetwork('signup', signup, address));
    },

    async changePassword(userId) {
      return take(hit('password', login, userId));
    },
  };
}

/** The first verdict of each name, which is the caller's own; or the one that is over. */
function onePerName(verdicts: readonly Verdict[]): Verdict[] {
  const byName = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    if (verdict.isOver || !byName.has(verdict.name)) byName.set(verdict.name, verdict);
  }
  return [...byName.values()];
}
