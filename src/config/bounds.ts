/** Maximum rounds of a stored hash, and upper bound of `PASSWORD_ROUNDS`. */
export const MAX_ROUNDS = 20;
/** 600,000 iterations in total, the OWASP recommendation for PBKDF2 with SHA-256. */
export const DEFAULT_ROUNDS = 6;

/** Algorithms for signing access tokens (RFC 7518 section 3.1, RFC 8037). */
export const TOKEN_ALGORITHMS = ['HS256', 'ES256', 'EdDSA'] as const;

export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** The range API of Have I Been Pwned. */
export const PUBLIC_RANGE_URL = 'https://api.pwnedpasswords.com/range/';

/** The timeouts of a session, in milliseconds. */
export interface SessionLifetime {
  /** Since its last use. */
  readonly idle: number;
  /** Regardless of use. */
  readonly absolute: number;
}

/** The longest `PROFILE_FIELDS`, in UTF-16 code units. */
export const MAX_PROFILE_FIELDS = 32_768;
