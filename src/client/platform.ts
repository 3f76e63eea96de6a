/**
 * An abort signal, typed structurally: the client also compiles in a program with neither the `dom` library nor the
 * types of a runtime. If `fetch` is declared, this is the type of its signal.
 */
export type AbortSignalLike = typeof globalThis extends {
  fetch: (url: never, init?: infer Init) => unknown;
}
  ? NonNullable<SignalOf<NonNullable<Init>>>
  : {
      readonly aborted: boolean;
      readonly reason?: unknown;
      addEventListener(type: 'abort', listener: () => void): void;
      removeEventListener(type: 'abort', listener: () => void): void;
    };

type SignalOf<Init> = Init extends { signal?: infer Signal } ? Signal : never;

/** A `Blob` such as the `File` of an input, typed structurally. If `fetch` is declared, this is the type of its files. */
export type BlobLike = typeof globalThis extends {
  fetch: (url: never, init?: infer Init) => unknown;
}
  ? FileOf<NonNullable<Init>>
  : BlobShape;

interface BlobShape {
  readonly type: string;
  readonly size: number;
}

type FileOf<Init> = Init extends { body?: infer Body } ? Extract<Body, BlobShape> : never;

/** The options that the client passes to `fetch`. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | BlobLike;
  readonly signal: AbortSignalLike;
  readonly credentials: 'omit' | 'same-origin' | 'include';
  readonly redirect: 'manual';
}

/** The headers of a response. Names are case-insensitive. */
export interface AnswerHeaders {
  get(name: string): string | null;
}

/** The platform's `fetch`, or a wrapper around it. */
export type Fetch = (
  url: string,
  init: FetchInit,
) => Promise<{
  readonly status: number;
  readonly headers: AnswerHeaders;
  text(): Promise<string>;
}>;

/** The platform's `navigator.locks` (Web Locks API). */
export interface Locks {
  request<Result>(
    name: string,
    options: { signal: AbortSignalLike },
    task: () => Promise<Result>,
  ): Promise<Result>;
}

/** `localStorage`, `sessionStorage`, or an object with the same methods. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
