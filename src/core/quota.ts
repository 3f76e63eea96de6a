import { AppError } from './errors.ts';

/** How often something may be done: `count` times in each window. */
export interface Quota {
  readonly count: number;
  readonly seconds: number;
}

/** The quota of a network that is counted for several callers. */
export const widened = (quota: Quota, share: number): Quota => ({
  ...quota,
  count: quota.count * share,
});

/** A quota and what it has come to for one caller. */
export interface Verdict {
  /** Names the quota in headers. */
  readonly name: string;
  readonly quota: Quota;
  /** How often it may still be done in this window. */
  readonly remaining: number;
  /** Whole seconds until the next window. */
  readonly resetSeconds: number;
  readonly isOver: boolean;
}

/** @param hits how often it was done in this window, this time included; more than the quota where it is over */
export function toVerdict(
  name: string,
  quota: Quota,
  hits: number,
  millisecondsLeft: number,
): Verdict {
  return {
    name,
    quota,
    remaining: Math.max(0, quota.count - hits),
    resetSeconds: Math.max(1, Math.ceil(millisecondsLeft / 1000)),
    isOver: hits > quota.count,
  };
}

/** What to tell a client of its limits. */
export type LimitHeaders = Readonly<Record<string, string>>;

/** A quota as `RateLimit-Policy` lists it. */
export const policyItem = (name: string, { count, seconds }: Quota): string =>
  `"${name}";q=${count};w=${seconds}`;

/** What a quota has come to, as `RateLimit` lists it. */
export const limitItem = ({ name, remaining, resetSeconds }: Verdict): string =>
  `"${name}";r=${remaining};t=${resetSeconds}`;

/**
 * The header fields that tell a client of its limits (draft-ietf-httpapi-ratelimit-headers: structured
 * fields), and of one that is over when to come again (RFC 9110 section 10.2.3).
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

/** @throws AppError `too_many_requests` where one is over */
export function headersOrRefusal(verdicts: readonly Verdict[]): LimitHeaders {
  const headers = limitHeaders(verdicts);
  if (verdicts.some(({ isOver }) => isOver)) throw new AppError('too_many_requests', { headers });
  return headers;
}
