import type { Context } from 'hono';
import type { Caller } from '../caller.ts';
import type { Env } from './env.ts';

const MAX_USER_AGENT_LENGTH = 256;
const MAX_ADDRESS_LENGTH = 64;
/** An address as proxies write it: some with a port behind it, and then one of IPv6 in brackets. */
const FORWARDED =
  /^(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?|(?<v6>[0-9a-f]*:[0-9a-f.]*:[0-9a-f.:]*)|\[(?<bracketed>[0-9a-f]*:[0-9a-f.]*:[0-9a-f.:]*)\](?::\d+)?)$/i;
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/** Reads a request's caller. */
export type CallerOf = (c: Context<Env>) => Caller;

/**
 * Where a request comes from. The address is the socket's, or, behind that many proxies of our own, what
 * the outermost of them has put into `X-Forwarded-For`: entries further left are the caller's own words.
 *
 * @param trustedProxyHops how many proxies stand in front
 */
export const callerOf =
  (trustedProxyHops: number): CallerOf =>
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
  const entry = forwarded.at(-hops)?.trim() ?? '';
  if (entry.length > MAX_ADDRESS_LENGTH) return socket;
  const { v4, v6, bracketed } = FORWARDED.exec(entry)?.groups ?? {};
  return v4 ?? v6 ?? bracketed ?? socket;
}
