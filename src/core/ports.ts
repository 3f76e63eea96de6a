import type { TraceContext } from './trace.ts';

/** The content of a static file, for one response. */
export interface Asset {
  readonly body: BodyInit;
  /** In bytes; absent if unknown. */
  readonly length?: number;
}

/** Reads a static file by its path under `public/`. Returns `undefined` if it does not exist. */
export type ReadAsset = (path: string) => Promise<Asset | undefined>;

/**
 * Reads the OpenAPI document that the build has generated. Resolves to `undefined` if it does not exist.
 */
export type ReadDocument = () => Promise<string | undefined>;

/** Reads a static file as UTF-8 text. */
export const textOf = ({ body }: Asset): Promise<string> => new Response(body).text();

/** The platform's own rate limiter. Resolves to true if the caller is within its limit. */
export type FloodGate = (caller: string) => Promise<boolean>;

/** An outgoing request. Its timeout and maximum response size are mandatory. */
export interface OutboundRequest {
  /** Default: `GET`. */
  readonly method?: string;
  /** A `User-Agent` replaces Latchkey's own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Timeout from the call to the last byte of the response, in milliseconds. */
  readonly limitMs: number;
  /** Maximum size of the response body. With 0, the body is not read and may have any size. */
  readonly maxBytes: number;
  /** The only accepted status. With any other status, the call rejects without reading the body. */
  readonly expects?: number;
  /** The trace that it is sent on behalf of. The request carries it on, under a parent id of its own. */
  readonly trace?: TraceContext | undefined;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Sends an outgoing request, bounded in time and size, without redirects and retries.
 *
 * @throws OutboundError with the reason: the URL is neither `https:` nor `http:`, the response exceeds a bound, or its
 * status is not the expected one
 */
export type Outbound = (url: string, request: OutboundRequest) => Promise<OutboundAnswer>;

/** Work that outlives the response: a promise of work that has started, or a function that starts it. */
export type Work = Promise<unknown> | (() => Promise<unknown>);

/**
 * Schedules work that outlives the response. Returns at once and never throws: failures of the work are logged, and so
 * is work that the runtime refuses because too much is running.
 */
export type Later = (work: Work) => void;

/** A file in a {@link FileStore}. */
export interface StoredFile {
  /** The media type, for stores that serve files themselves. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of a file while a response sends them. */
export interface HeldFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Ends the use of the bytes. Further calls have no effect. */
  release(): void;
}

/**
 * Stores small files, such as avatars. A file is complete or does not exist, whenever the process ends; `put` and
 * `delete` resolve once their effect is permanent.
 *
 * Every method throws RangeError for a key that is not 1 to 100 characters of `A-Z a-z 0-9 - _`, and rejects if the
 * store cannot be reached. A store that sends requests carries the trace on.
 */
export interface FileStore {
  /**
   * Returns what identifies the store among those that one database has had: rows of files have it. The same for every
   * process that uses the store, also under another path.
   */
  id(): Promise<string>;
  /** Rejects if files cannot be stored or read. Stores nothing, and takes one request at most. */
  check(): Promise<void>;
  /**
   * Stores a file, or replaces the one with the same key.
   *
   * @throws RangeError if the file has more than 5,000,000 bytes
   */
  put(key: string, file: StoredFile, trace?: TraceContext): Promise<void>;
  /** Returns the bytes of a file; `undefined` if the key does not exist. No store keeps the type. */
  get(key: string, trace?: TraceContext): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * The same, for a response. The bytes count towards a budget until they are released. Left out by a store without a
   * budget.
   */
  readonly hold?: (key: string, trace?: TraceContext) => Promise<HeldFile | undefined>;
  /** Deletes a file. Also resolves if the key does not exist. */
  delete(key: string): Promise<void>;
}

/** A message to one address. */
interface AnyMessage {
  /** The same at each attempt: the provider's idempotency key. Of `A-Z a-z 0-9 - _`. */
  readonly id: string;
  readonly text: string;
  /** What it is about and its language, for providers that have templates of their own. */
  readonly kind: string;
  readonly locale: string;
  /** The code that the text contains, for the same. */
  readonly code?: string | undefined;
}

/** An email to one address. Its id also becomes the Message-ID. */
export interface MailMessage extends AnyMessage {
  /** Without control characters; the domain in ASCII. */
  readonly to: string;
  /** Without control characters. */
  readonly subject: string;
  readonly html: string;
}

/** A text message to one phone. */
export interface SmsMessage extends AnyMessage {
  /** In E.164, such as `+919876543210`. */
  readonly to: string;
}

/**
 * What became of an attempt to send a message:
 *
 * - `sent`: the provider has accepted it.
 * - `rejected`: the provider will never accept this message, for example because the address does not exist.
 * - `misconfigured`: the provider accepts no message of this deployment: a wrong password, an unverified sender.
 * - `later`: anything else, including no response. The message may have been sent.
 */
export type Sending =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'rejected' | 'misconfigured' | 'later';
      /** For the log: contains no address and no content. */
      readonly reason: string;
    };

/** Sends mail. An error that it throws counts as `later`. */
export interface Mailer {
  /** @param trace of the request that has caused the message, if this process has queued it */
  send(message: MailMessage, trace?: TraceContext): Promise<Sending>;
}

/** Sends text messages. An error that it throws counts as `later`. */
export interface SmsSender {
  /** @param trace as for {@link Mailer.send} */
  send(message: SmsMessage, trace?: TraceContext): Promise<Sending>;
}
