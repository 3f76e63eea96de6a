import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';

/** One login, as its user may see it. */
export interface Session {
  readonly id: string;
  readonly userId: number;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** When it ends however much it is used. */
  readonly expiresAt: number;
  readonly method: string;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** The network of its last use: an IPv4 address or an IPv6 /64; null where it is unknown. */
  readonly lastNetwork: string | null;
}

/** What a request knows of the session that it comes in. */
export type LiveSession = Pick<Session, 'id' | 'lastUsedAt'>;

/** A new random name of 128 bits, in base64url. */
export const newSessionId = (): string => toBase64Url(randomBytes(16));
