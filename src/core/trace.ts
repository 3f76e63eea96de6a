import { randomBytes, toHex } from './crypto/bytes.ts';

/** The trace that a request belongs to: W3C Trace Context level 1. */
export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** The id of the span that the next one is a child of: 16 hexadecimal digits, not all zero. */
  readonly parentId: string;
  /** True if the caller may have recorded its spans. */
  readonly isSampled: boolean;
}

/**
 * Versions after 00 may append fields, which are ignored (section 4.3 of the recommendation). A comma is not one of them:
 * it joins several header fields, of which none is to be believed.
 */
const TRACEPARENT =
  /^(?!ff)(?<version>[0-9a-f]{2})-(?!0{32})(?<traceId>[0-9a-f]{32})-(?!0{16})(?<parentId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-[^,]*)?$/;

/** Reads a `traceparent` header. Returns `undefined` if it is missing or invalid: the request then has no trace. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined) return undefined;
  const { version, traceId, parentId, flags, rest } = TRACEPARENT.exec(header)?.groups ?? {};
  if (traceId === undefined || parentId === undefined) return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, parentId, isSampled: (Number.parseInt(flags ?? '', 16) & 1) === 1 };
}

/** Formats a `traceparent` header. */
export const formatTraceparent = ({ traceId, parentId, isSampled }: TraceContext): string =>
  `00-${traceId}-${parentId}-${isSampled ? '01' : '00'}`;

/** Returns the same trace under a new parent id, for a request that is sent on. */
export function childOf({ traceId, isSampled }: TraceContext): TraceContext {
  const bytes = randomBytes(8);
  // All zeros are invalid.
  if (bytes.every((byte) => byte === 0)) bytes[7] = 1;
  return { traceId, parentId: toHex(bytes), isSampled };
}
