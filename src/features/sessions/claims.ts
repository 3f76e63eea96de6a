/** What a verified access token says. */
export interface Claims {
  readonly userId: number;
  /** Names the login that the token came from. */
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}
