import { type Bytes, equalInConstantTime, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { deriveHmacKey, type Secrets } from './derived-key.ts';

const KEY_PURPOSE = 'latchkey refresh token v1';
const MAX_TOKEN_LENGTH = 128;
const TOKEN = /^([\w-]{22})\.(0|[1-9]\d{0,9})\.([\w-]{43})$/;

/** What a genuine refresh token says: which session, and the how-manieth of it. */
export interface RefreshClaim {
  readonly sessionId: string;
  readonly count: number;
}

export interface RefreshTokens {
  /** The same claim always gives the same token: nothing of it needs to be stored. */
  mint(claim: RefreshClaim): Promise<string>;
  /** `undefined` for what we have not minted; asks no database. */
  read(token: string): Promise<RefreshClaim | undefined>;
}

/**
 * Refresh tokens: `sessionId.count.mac`, opaque to clients. The MAC is HMAC-SHA256 under a key derived
 * from the secret by HKDF, so garbage is told from a token without looking anything up.
 *
 * @param secrets the newest first; tokens are minted with it and read with all
 */
export async function createRefreshTokens(secrets: Secrets): Promise<RefreshTokens> {
  const [newest, ...older] = await Promise.all(
    secrets.map((secret) => deriveHmacKey(secret, KEY_PURPOSE)),
  );
  if (!newest) throw new Error('a refresh token needs a secret');

  const macOf = async (key: CryptoKey, { sessionId, count }: RefreshClaim): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(`${sessionId}.${count}`)));

  return {
    async mint(claim) {
      return `${claim.sessionId}.${claim.count}.${toBase64Url(await macOf(newest, claim))}`;
    },

    async read(token) {
      if (token.length > MAX_TOKEN_LENGTH) return undefined;
      const [, sessionId, count, macText] = TOKEN.exec(token) ?? [];
      const mac = fromBase64Url(macText ?? '');
      if (sessionId === undefined || count === undefined || !mac) return undefined;
      const claim = { sessionId, count: Number(count) };
      for (const key of [newest, ...older]) {
        if (equalInConstantTime(await macOf(key, claim), mac)) return claim;
      }
      return undefined;
    },
  };
}
