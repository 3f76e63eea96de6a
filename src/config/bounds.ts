/** The most rounds that a stored hash may ask for, and the upper bound of `PASSWORD_ROUNDS`. */
export const MAX_ROUNDS = 20;
/** 600,000 iterations in all, as OWASP asks of PBKDF2 with SHA-256. */
export const DEFAULT_ROUNDS = 6;

/** The algorithms that sign access tokens (RFC 7518 section 3.1, RFC 8037). */
export const TOKEN_ALGORITHMS = ['HS256', 'ES256', 'EdDSA'] as const;

export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** The range API of Have I Been Pwned. */
export const PUBLIC_RANGE_URL = 'https://api.pwnedpasswords.com/range/';

/** How long a session lives. Both in milliseconds. */
export interface SessionLifetime {
  /** Without use. */
  readonly idle: number;
  /** However much it is used. */
  readonly absolute: number;
}
