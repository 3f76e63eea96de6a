/**
 * What the client asks of the platform, by structure: its types hold in a program that has neither the
 * library `dom` nor the types of a runtime. Where there is a `fetch`, the signal is the one that it takes.
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

/** What the client says to `fetch`. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignalLike;
  readonly credentials: 'omit' | 'same-origin' | 'include';
  readonly redirect: 'manual';
}

/** The headers of an answer; names without regard to letter case. */
export interface AnswerHeaders {
  get(name: string): string | null;
}

/** The platform's `fetch`, or a function around it. */
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

/** `localStorage`, `sessionStorage`, or something like them. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
