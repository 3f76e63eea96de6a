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

/** The quota of logins to one account from all unknown networks together, as a multiple of the quota of one network. */
const UNKNOWN_NETWORKS_SHARE = 3;
// The remaining counts of these quotas would reveal how often others try a name, so they are reported only when
// exhausted.
const BY_NAME = 'login';
const BY_ACCOUNT = 'login-account';
const UNREPORTED: readonly string[] = [BY_NAME, BY_ACCOUNT];

const KEY_PURPOSE = 'latchkey rate limit v1';

/**
 * Limits the operations that attract guessing. Refreshes are counted on their sessions instead. Each function returns
 * header fields, and throws AppError `too_many_requests` if a quota is used up.
 */
export interface RateLimits {
  /** @param username the name as typed; all spellings of a name count as one account */
  logIn(username: string, address: string | null): Promise<LimitHeaders>;
  signUp(address: string | null): Promise<LimitHeaders>;
  changePassword(userId: string): Promise<LimitHeaders>;
}

/**
 * Creates limits that all servers of a database share. Limits by address also count the wider networks that contain an
 * IPv6 address. A caller whose address is unknown is limited only by account: if such callers shared a counter, one of
 * them could lock out the others.
 */
export async function createRateLimits(
  config: Pick<Config, 'rateLimits' | 'secretKeys' | 'defaultPhoneRegion'>,
  store: RateLimitStore,
  createMac: CreateMac,
): Promise<RateLimits> {
  const { login, loginByAddress, signup } = config.rateLimits;
  const mac = await deriveMac(config.secretKeys[0], KEY_PURPOSE, createMac);

  /** The key of a counter is a MAC, so that the database does not reveal which caller tried which name. */
  function hit(name: string, quota: Quota | null, who: string | null): Hit[] {
    if (quota === null || who === null) return [];
    return [{ name, quota, key: mac(`${name} ${who}`) }];
  }

  /** Exempts the known networks of the account, so that strangers cannot use up its owner's logins. */
  function hitByUnknownNetworks(quota: Quota | null, account: string, network: string): Hit[] {
    if (quota === null) return [];
    const exempt = { identifier: account, network };
    return hit(BY_ACCOUNT, widened(quota, UNKNOWN_NETWORKS_SHARE), account).map((counted) => ({
      ...counted,
      exempt,
    }));
  }

  /** Returns one hit for each network of the address, narrowest first. A hit counts only if all hits before it did. */
  function hitsByNetwork(name: string, quota: Quota | null, address: string | null): Hit[] {
    if (quota === null || address === null) return [];
    return networksOf(address).flatMap(({ key, share }) => hit(name, widened(quota, share), key));
  }

  async function take(...hits: readonly Hit[][]): Promise<LimitHeaders> {
    const [first, ...others] = hits.flat();
    if (!first) return {};
    const verdicts = onePerName(await store.take([first, ...others]));
    return headersOrRefusal(
      verdicts.filter(({ name, isOver }) => isOver || !UNREPORTED.includes(name)),
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
        hitByUnknownNetworks(login, account, network),
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

/**
 * Returns the first verdict for each name. This is the verdict of the narrowest network, or of the network that exceeds
 * its quota.
 */
function onePerName(verdicts: readonly Verdict[]): Verdict[] {
  const byName = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    if (verdict.isOver || !byName.has(verdict.name)) byName.set(verdict.name, verdict);
  }
  return [...byName.values()];
}
