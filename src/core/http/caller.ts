import type { Context, HonoRequest } from 'hono';
import type { Caller } from '../caller.ts';
import { networkOf } from '../network.ts';
import type { TraceContext } from '../trace.ts';
import type { Env } from './env.ts';

const MAX_USER_AGENT_LENGTH = 256;
const MAX_ADDRESS_LENGTH = 64;
/** An entry of `X-Forwarded-For`. Some proxies append the port, and then write an IPv6 address in brackets. */
const FORWARDED =
  /^(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?|(?<v6>[0-9a-f]*:[0-9a-f.]*:[0-9a-f.:]*)|\[(?<bracketed>[0-9a-f]*:[0-9a-f.]*:[0-9a-f.:]*)\](?::\d+)?)$/i;
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/**
 * The caller of a request. Its address is that of the socket. Behind trusted proxies, it is the entry that the
 * outermost trusted proxy has added to `X-Forwarded-For`; a client can forge the entries to the left of it. Network and
 * User-Agent are computed on demand, since most requests need neither.
 */
export class RequestCaller implements Caller {
  readonly requestId: string;
  readonly address: string | null;
  readonly trace: TraceContext | undefined;
  readonly #request: HonoRequest;
  #network: string | null | undefined;

  /** @param trustedProxyHops number of trusted proxies in front of the server */
  constructor(c: Context<Env>, requestId: string, trustedProxyHops: number) {
    this.requestId = requestId;
    this.address = addressOf(c, trustedProxyHops);
    this.trace = c.get('trace');
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

/** Returns the address of the client, or that of the socket if `X-Forwarded-For` has no valid entry. */
function addressOf(c: Context<Env>, hops: number): string | null {
  const socket = c.env?.clientAddress ?? null;
  if (hops === 0) return socket;
  const forwarded = c.req.header('X-Forwarded-For')?.split(',') ?? [];
  const entry = forwarded.at(-hops)?.trim() ?? '';
  if (entry.length > MAX_ADDRESS_LENGTH) return socket;
  const { v4, v6, bracketed } = FORWARDED.exec(entry)?.groups ?? {};
  return v4 ?? v6 ?? bracketed ?? socket;
}
