import type { CreateMac } from '../../core/crypto/derived-key.ts';
import type { ShareBytes } from '../ports/assets.ts';
import type { Outgoing, UnsentAnswers } from './unsent-answers.ts';

/** A server that is listening. */
export interface Listening {
  readonly port: number;
  /** Takes no new connection and resolves when the requests under way are answered. */
  close(): Promise<void>;
}

/**
 * @param clientAddress the other end of the connection. A request whose runtime does not know it is refused
 * before: its client has reset the connection, and no limit by address would hold for it
 * @param outgoing the answer that Node is about to send; other runtimes do not tell when an answer is out
 */
export type Serve = (
  request: Request,
  clientAddress: string,
  outgoing?: Outgoing,
) => Response | Promise<Response>;

/** Starts a runtime's own HTTP server. Rejects where the address cannot be had. */
export type Listen = (options: {
  readonly fetch: Serve;
  /** Looks after answers that wait for their clients, where the runtime shows its connections. */
  readonly unsent: UnsentAnswers;
  readonly hostname: string;
  readonly port: number;
}) => Promise<Listening>;

/** What Node, Bun and Deno do differently. */
export interface ServerRuntime {
  readonly listen: Listen;
  /** How much password work may run at once. */
  readonly passwordPermits: number;
  /** Creates faster MACs than the portable ones. */
  readonly createMac?: CreateMac;
  /** An optimization that may fail; runs once the server listens. */
  readonly afterStart?: () => Promise<unknown>;
  /** How answers share the bytes of a static file, where they do not by themselves. */
  readonly shareBytes?: ShareBytes;
  /** A `fetch` that sends a request once and never again, where the runtime's own does not. */
  readonly fetchOnce?: typeof fetch;
}
