import type { Context, HonoRequest } from 'hono';
import type { Caller } from '../caller.ts';
import { networkOf } from '../network.ts';
import type { Env } from './env.ts';

const MAX_USER_AGENT_LENGTH = 256;
const MAX_ADDRESS_LENGTH = 64;
/** An address as proxies write it: some with a port behind it, and then one of IPv6 in brackets. */
const FORWARDED =
  /^(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?|(?<v6>[0-9a-f]*:[0-9a-f.]*:[0-9a-f.:]*)|\[(?<bracketed>[0-9a-f]*:[0-9a-f.]*:[0-9a-f.:]*)\](?::\d+)?)$/i;
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/**
 * The caller of a request. The address is the socket's, or, behind that many proxies of our own, what the
 * outermost of them has put into `X-Forwarded-For`: entries further left are the client's own words. Most
 * requests need neither network nor User-Agent, so they are read when they are first asked for.
 */
export class RequestCaller implements Caller {
  readonly requestId: string;
  readonly address: string | null;
  readonly #request: HonoRequest;
  #network: string | null | undefined;

  /** @param trustedProxyHops how many proxies stand in front */
  constructor(c: Context<Env>, requestId: string, trustedProxyHops: number) {
    this.requestId = requestId;
    this.address = addressOf(c, trustedProxyHops);
    this.#request = c.req;
  }

  get network(): string | null {
    this.#network ??= this.address === null ? null : networkOf(this.address);
    return this.#network;
  }

  get userAgent(): string | null {
    return (
      this.#request
        .header('User-Agent')
        ?.replaceAll(CONTROL_CHARACTERS, '')
        .slice(0, MAX_USER_AGENT_LENGTH)
        .toWellFormed() ?? null
    );
  }
}

/** The address that a request comes from, as far as it can be known. */
function addressOf(c: Context<Env>, hops: number): string | null {
  const socket = c.env?.clientAddress ?? null;
  if (hops === 0) return socket;
  const forwarded = c.req.header('X-Forwarded-For')?.split(',') ?? [];
  const entry = forwarded.at(-hops)?.trim() ?? '';
  if (entry.length > MAX_ADDRESS_LENGTH) return socket;
  const { v4, v6, bracketed } = FORWARDED.exec(entry)?.groups ?? {};
  return v4 ?? v6 ?? bracketed ?? socket;
}
