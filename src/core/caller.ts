/** Who sends a request, resolved once. */
export interface Caller {
  /** Ours, never the client's: nothing that a stranger chose stands in an account's record. */
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}
