import type { Config } from '../config.ts';
import { type CreateMac, deriveMac } from '../crypto/derived-key.ts';
import { parseIdentifier } from '../users/identifier.ts';
import { networkOf } from './address.ts';
import { headersOrRefusal, type LimitHeaders, type Quota } from './quota.ts';
import type { Hit, RateLimitStore } from './store.ts';

const KEY_PURPOSE = 'latchkey rate limit v1';

/** Counts what is worth guessing at; refreshes are counted on their sessions. Each throws AppError `too_many_requests` where a quota is used up. */
export interface RateLimits {
  /** @param username as typed; every spelling of it is one account */
  logIn(username: string, address: string | null): Promise<LimitHeaders>;
  signUp(address: string | null): Promise<LimitHeaders>;
  changePassword(userId: number): Promise<LimitHeaders>;
}

/**
 * Limits that all servers of a database share. A caller whose address is not known is limited by account
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

  async function take(...hits: readonly Hit[][]): Promise<LimitHeaders> {
    const [first, ...others] = hits.flat();
    return first ? headersOrRefusal(await store.take([first, ...others])) : {};
  }

  return {
    async logIn(username, address) {
      const account = parseIdentifier(username, config.defaultPhoneRegion)?.normalized ?? username;
      return take(
        hit('login-address', loginByAddress, address && networkOf(address)),
        hit('login', login, account),
      );
    },

    async signUp(address) {
      return take(hit('signup', signup, address && networkOf(address)));
    },

    async changePassword(userId) {
      return take(hit('password', login, String(userId)));
    },
  };
}
