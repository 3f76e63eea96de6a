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

/** What a genuine refresh token says: which session, and the how-manieth of it. */
export interface RefreshClaim {
  readonly sessionId: string;
  readonly count: number;
}

export interface RefreshTokens {
  /** The same claim always has the same token, so none is stored. */
  mint(claim: RefreshClaim): string;
  /** `undefined` for what we have not minted; asks no database. */
  read(token: string): RefreshClaim | undefined;
}

/**
 * Refresh tokens: `sessionId.count.mac`, opaque to clients. The MAC is HMAC-SHA256 under a key derived
 * from the secret by HKDF, so garbage is rejected without a look-up.
 *
 * @param secrets the newest first; tokens are minted with it and read with all
 */
export async function createRefreshTokens(
  secrets: Secrets,
  createMac: CreateMac = createPortableMac,
): Promise<RefreshTokens> {
  const [newest, ...older] = await Promise.all(
    secrets.map((secret) => deriveMac(secret, KEY_PURPOSE, createMac)),
  );
  if (!newest) throw new Error('a refresh token needs a secret');

  const macOf = (mac: Mac, { sessionId, count }: RefreshClaim) => mac(`${sessionId}.${count}`);

  return {
    mint: (claim) => `${claim.sessionId}.${claim.count}.${macOf(newest, claim)}`,

    read(token) {
      if (token.length > MAX_TOKEN_LENGTH) return undefined;
      const [, sessionId, count, given] = TOKEN.exec(token) ?? [];
      if (sessionId === undefined || count === undefined || given === undefined) return undefined;
      const claim = { sessionId, count: Number(count) };
      const isOurs = [newest, ...older].some((mac) =>
        equalTextsInConstantTime(macOf(mac, claim), given),
      );
      return isOurs ? claim : undefined;
    },
  };
}
