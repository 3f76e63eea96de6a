/** The claims of a verified access token. */
export interface Claims {
  readonly userId: number;
  /** The session that the token belongs to. */
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAtSeconds: number;
}
