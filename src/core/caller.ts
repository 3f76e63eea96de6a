/** Who sends a request. */
export interface Caller {
  /** Ours, never the client's: nothing that a stranger chose stands in an account's record. */
  readonly requestId: string;
  /** Null if it is unknown. */
  readonly address: string | null;
  /** The IPv4 address or the IPv6 /64 that the address counts under; null if it is unknown. */
  readonly network: string | null;
  readonly userAgent: string | null;
}
