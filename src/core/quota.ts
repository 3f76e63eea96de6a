import { AppError } from './errors.ts';

/** A quota: `count` calls in each window of `seconds`. */
export interface Quota {
  readonly count: number;
  readonly seconds: number;
}

/** Multiplies a quota for a network that several callers share. */
export const widened = (quota: Quota, share: number): Quota => ({
  ...quota,
  count: quota.count * share,
});

/** The state of one caller's quota after a call was counted. */
export interface Verdict<Name extends string = string> {
  /** The name of the quota in header fields. */
  readonly name: Name;
  readonly quota: Quota;
  /** Calls left in this window. */
  readonly remaining: number;
  /** Whole seconds until the next window. */
  readonly resetSeconds: number;
  /** True if the counted call exceeds the quota. */
  readonly isOver: boolean;
}

/** @param hits calls in this window, the current one included */
export function toVerdict<Name extends string>(
  name: Name,
  quota: Quota,
  hits: number,
  millisecondsLeft: number,
): Verdict<Name> {
  return {
    name,
    quota,
    remaining: Math.max(0, quota.count - hits),
    resetSeconds: Math.max(1, Math.ceil(millisecondsLeft / 1000)),
    isOver: hits > quota.count,
  };
}

/** The header fields of {@link limitHeaders}. */
export type LimitHeaders = Readonly<Record<string, string>>;

/** A quota, as an item of `RateLimit-Policy`. */
export const policyItem = (name: string, { count, seconds }: Quota): string =>
  `"${name}";q=${count};w=${seconds}`;

/** The state of a quota, as an item of `RateLimit`. */
export const limitItem = ({ name, remaining, resetSeconds }: Verdict): string =>
  `"${name}";r=${remaining};t=${resetSeconds}`;

/**
 * Returns the header fields that report quotas (draft-ietf-httpapi-ratelimit-headers: structured fields). Adds
 * `Retry-After` if a quota is exceeded (RFC 9110 section 10.2.3).
 */
export function limitHeaders(verdicts: readonly Verdict[]): LimitHeaders {
  if (verdicts.length === 0) return {};
  const over = verdicts.filter(({ isOver }) => isOver).map(({ resetSeconds }) => resetSeconds);
  return {
    'RateLimit-Policy': verdicts.map(({ name, quota }) => policyItem(name, quota)).join(', '),
    RateLimit: verdicts.map(limitItem).join(', '),
    ...(over.length > 0 && { 'Retry-After': String(Math.max(...over)) }),
  };
}

/**
 * Like {@link limitHeaders}, but throws if a quota is exceeded.
 *
 * @throws AppError `too_many_requests`, with these header fields
 */
export function headersOrRefusal(verdicts: readonly Verdict[]): LimitHeaders {
  const headers = limitHeaders(verdicts);
  if (verdicts.some(({ isOver }) => isOver)) throw new AppError('too_many_requests', { headers });
  return headers;
}
