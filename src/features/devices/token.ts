import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { type CreateMac, deriveMacs, type Secrets } from '../../core/crypto/derived-key.ts';

/** For how long a token is valid after the last login with it, in milliseconds. */
export const DEVICE_LIFETIME_MS = 90 * 86_400_000;

/** A device token, and the hashes that it may be stored as: one per secret, the newest first. */
export interface DeviceToken {
  readonly token: string;
  readonly hashes: readonly [string, ...string[]];
}

/** Creates device tokens, and hashes them under a key that the database does not contain. */
export interface DeviceTokens {
  /** Creates a token: 256 random bits in base64url. */
  create(): DeviceToken;
  /** Reads a token as a caller presents it. Any text is a token; one that is not stored is unknown. */
  read(token: string | null | undefined): DeviceToken | undefined;
}

export async function createDeviceTokens(
  secrets: Secrets,
  createMac: CreateMac,
): Promise<DeviceTokens> {
  const hashes = await deriveMacs(secrets, 'latchkey device v1', createMac);
  const hashed = (token: string): DeviceToken => ({ token, hashes: hashes(token) });
  return {
    create: () => hashed(toBase64Url(randomBytes(32))),
    // A form sends an empty text if it has no token.
    read: (token) => (token ? hashed(token) : undefined),
  };
}
