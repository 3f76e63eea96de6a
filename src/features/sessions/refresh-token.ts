import { equalTextsInConstantTime } from '../../core/crypto/bytes.ts';
import {
  type CreateMac,
  createPortableMac,
  deriveMac,
  type Mac,
  type Secrets,
} from '../../core/crypto/derived-key.ts';

const KEY_PURPOSE = 'latchkey refresh token v1';
const MAX_TOKEN_LENGTH = 128;
const TOKEN = /^([\w-]{22})\.(0|[1-9]\d{0,9})\.([\w-]{43})$/;

/** The content of an authentic refresh token: the session id and its rotation count. */
export interface RefreshPayload {
  readonly sessionId: string;
  readonly count: number;
}

export interface RefreshTokens {
  /** Mints the token for a payload. The same payload always yields the same token, so tokens need not be stored. */
  mint(payload: RefreshPayload): string;
  /** Returns `undefined` for a token that fails authentication. Does not query the database. */
  read(token: string): RefreshPayload | undefined;
}

/**
 * Mints and reads refresh tokens: `sessionId.count.mac`, opaque to clients. The MAC is HMAC-SHA256 under a key that
 * HKDF derives from the secret, so forged tokens are rejected without a look-up.
 *
 * @param secrets newest first; the newest mints tokens, all of them authenticate tokens
 */
export async function createRefreshTokens(
  secrets: Secrets,
  createMac: CreateMac = createPortableMac,
): Promise<RefreshTokens> {
  const [newest, ...older] = await Promise.all(
    secrets.map((secret) => deriveMac(secret, KEY_PURPOSE, createMac)),
  );
  if (!newest) throw new Error('a refresh token requires a secret');

  const macOf = (mac: Mac, { sessionId, count }: RefreshPayload) => mac(`${sessionId}.${count}`);

  return {
    mint: (payload) => `${payload.sessionId}.${payload.count}.${macOf(newest, payload)}`,

    read(token) {
      if (token.length > MAX_TOKEN_LENGTH) return undefined;
      const [, sessionId, count, givenMac] = TOKEN.exec(token) ?? [];
      if (sessionId === undefined || count === undefined || givenMac === undefined)
        return undefined;
      const payload = { sessionId, count: Number(count) };
      const isAuthentic = [newest, ...older].some((mac) =>
        equalTextsInConstantTime(macOf(mac, payload), givenMac),
      );
      return isAuthentic ? payload : undefined;
    },
  };
}
