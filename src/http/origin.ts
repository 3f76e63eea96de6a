import type { Context } from 'hono';
import type { RequestOrigin } from '../audit/event.ts';
import type { Env } from './env.ts';

const MAX_USER_AGENT_LENGTH = 256;
const MAX_ADDRESS_LENGTH = 64;
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/** Reads a request's origin. */
export type OriginOf = (c: Context<Env>) => RequestOrigin;

/**
 * Where a request comes from. The address is the socket's, or, behind that many proxies of our own, what
 * the outermost of them has put into `X-Forwarded-For`: entries further left are the caller's own words.
 *
 * @param trustedProxyHops how many proxies stand in front
 */
export const originOf =
  (trustedProxyHops: number): OriginOf =>
  (c) => ({
    requestId: c.get('requestId'),
    address: addressOf(c, trustedProxyHops),
    userAgent:
      c.req
        .header('User-Agent')
        ?.replaceAll(CONTROL_CHARACTERS, '')
        .slice(0, MAX_USER_AGENT_LENGTH)
        .toWellFormed() ?? null,
  });

/** The address that a request comes from, as far as it can be known. */
export function addressOf(c: Context<Env>, hops: number): string | null {
  const socket = c.env?.clientAddress ?? null;
  if (hops === 0) return socket;
  const forwarded = c.req.header('X-Forwarded-For')?.split(',') ?? [];
  const address = forwarded.at(-hops)?.trim() ?? '';
  const isAddress = /^[0-9a-f.:]{2,}$/i.test(address) && address.length <= MAX_ADDRESS_LENGTH;
  return isAddress ? address : socket;
}
