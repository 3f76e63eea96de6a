/** A static file, as one answer sends it. */
export interface Asset {
  readonly body: BodyInit;
  /** In bytes, where it is known. */
  readonly length?: number;
}

/** Reads a static file, named as under `public/`; `undefined` if there is none. */
export type ReadAsset = (path: string) => Promise<Asset | undefined>;

/** The text of a static file in UTF-8. */
export const textOf = ({ body }: Asset): Promise<string> => new Response(body).text();

/** True if a caller does not flood us, as the platform in front of us counts. */
export type FloodGate = (caller: string) => Promise<boolean>;

/** How a request leaves the process. Every one says how long and how large its answer may be. */
export interface OutboundRequest {
  /** `GET` if left out. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** From the call to the last byte of the answer, in milliseconds. */
  readonly limitMs: number;
  /** The longest body that is read. */
  readonly maxBytes: number;
  /** The only status whose body is of use. With any other the call rejects at once, and reads no body. */
  readonly expects?: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The one way out of the process: bounded in time and size, follows no redirect, sends once.
 *
 * @throws OutboundError if there is no such answer, with the reason
 */
export type Outbound = (url: string, request: OutboundRequest) => Promise<OutboundAnswer>;

/** Work that outlives the answer to its request: begun already, or to be begun. */
export type Work = Promise<unknown> | (() => Promise<unknown>);

/** Takes on work that outlives the answer. Returns at once and never throws: a failure of the work is logged. */
export type Later = (work: Work) => void;

/** A file as a store keeps it. */
export interface StoredFile {
  /** Its media type. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Keeps small files, such as avatars. */
export interface FileStore {
  /** The longest file that it takes, in bytes. */
  readonly maxBytes: number;
  /**
   * Stores a file, and replaces one of the same key.
   *
   * @param key 1 to 200 of `A-Z a-z 0-9 - _ . /`, without `..`
   * @throws RangeError if the file is longer than `maxBytes`
   */
  put(key: string, file: StoredFile): Promise<void>;
  /** `undefined` if there is none. */
  get(key: string): Promise<StoredFile | undefined>;
  /** Also resolves if there is none. */
  delete(key: string): Promise<void>;
}

/** An email to one address. */
export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** Sends mail. Resolves when the provider has accepted the message. */
export interface Mailer {
  send(message: MailMessage): Promise<void>;
}

/** A text message to one phone. */
export interface SmsMessage {
  /** In E.164, such as `+919876543210`. */
  readonly to: string;
  readonly text: string;
}

/** Sends text messages. Resolves when the provider has accepted the message. */
export interface SmsSender {
  send(message: SmsMessage): Promise<void>;
}

/** Few values each: an account, an address or a request is never a label. */
export type MeterLabels = Readonly<Record<string, string>>;

/** Takes measurements. Not called on the read path. */
export interface Meter {
  /** Adds one to a counter. */
  count(name: string, labels?: MeterLabels): void;
  /** Adds a value to a histogram: seconds or bytes, as the name says. */
  observe(name: string, value: number, labels?: MeterLabels): void;
}
