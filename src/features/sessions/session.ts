import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import type { User } from '../users/user.ts';

/** A session with the fields that its user may see. It starts with a login. */
export interface Session {
  readonly id: string;
  readonly userId: number;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** Absolute expiry. Use does not extend it. */
  readonly expiresAt: number;
  readonly method: string;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** The network of the last use: an IPv4 address or an IPv6 /64; null if unknown. */
  readonly lastNetwork: string | null;
  /** When the user last authenticated in it. At its start, or later by a re-authentication. */
  readonly authTime: number;
}

/** The part of a session that each of its requests reads. */
export type LiveSession = Pick<Session, 'id' | 'lastUsedAt' | 'authTime'>;

/** A session, its user and their roles, for operations that depend on roles. */
export interface Membership {
  readonly user: User;
  readonly session: LiveSession & Pick<Session, 'createdAt' | 'expiresAt' | 'method'>;
  /** In alphabetical order. */
  readonly roles: readonly string[];
}

/** The longest time since the last authentication for operations that require a recent one. In milliseconds. */
export const FRESH_MS = 600_000;

/** True if the user has authenticated in the session within {@link FRESH_MS}. @param now milliseconds since 1970 */
export const isFresh = ({ authTime }: Pick<Session, 'authTime'>, now: number): boolean =>
  now - authTime <= FRESH_MS;

/** Creates a random session id: 128 bits, in base64url. */
export const newSessionId = (): string => toBase64Url(randomBytes(16));
