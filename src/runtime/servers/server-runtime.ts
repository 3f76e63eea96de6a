import type { CreateMac } from '../../core/crypto/derived-key.ts';
import type { ShareBytes } from '../ports/assets.ts';
import type { Outgoing, UnsentAnswers } from './unsent-answers.ts';

/** A listening server. */
export interface Listening {
  readonly port: number;
  /** Stops accepting connections. Resolves once all in-flight requests are answered. */
  close(): Promise<void>;
}

/**
 * Answers a request.
 *
 * @param clientAddress the remote address of the connection. If there is none, the listener rejects the request itself:
 * its client has reset the connection, and no limit by address would apply
 * @param outgoing Node's response object; other runtimes do not report when a response has been sent
 */
export type Serve = (
  request: Request,
  clientAddress: string,
  outgoing?: Outgoing,
) => Response | Promise<Response>;

/** Starts a runtime's built-in HTTP server. Rejects if it cannot listen on the address. */
export type Listen = (options: {
  readonly fetch: Serve;
  /** Tracks responses that wait for their clients, on runtimes that expose their connections. */
  readonly unsent: UnsentAnswers;
  readonly hostname: string;
  readonly port: number;
}) => Promise<Listening>;

/** The parts that differ between Node, Bun and Deno. */
export interface ServerRuntime {
  readonly name: 'node' | 'bun' | 'deno';
  readonly listen: Listen;
  /** Maximum number of password hashes computed concurrently. */
  readonly passwordPermits: number;
  /** Creates MACs faster than the portable implementation. */
  readonly createMac?: CreateMac;
  /** An optimization, which may fail. Runs once the server listens. */
  readonly afterStart?: () => Promise<unknown>;
  /** Lets responses share the bytes of a static file. For runtimes that would copy them. */
  readonly shareBytes?: ShareBytes;
  /** A `fetch` that never retries. For runtimes whose own `fetch` does. */
  readonly fetchOnce?: typeof fetch;
}
