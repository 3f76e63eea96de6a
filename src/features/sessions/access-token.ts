import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { textToBase64Url } from '../../core/crypto/bytes.ts';
import type { Mac } from '../../core/crypto/derived-key.ts';
import { AppError } from '../../core/errors.ts';
import type { Claims } from './claims.ts';
import { createTokenCache } from './token-cache.ts';
import type { TokenKeys } from './token-keys.ts';

/** Marks a JWT as an access token, so that no other kind of JWT is accepted as one (RFC 9068 section 2.1). */
const TYPE = 'at+jwt';
const MAX_TOKEN_LENGTH = 4096;
/**
 * The compact serialization (RFC 7515 section 7.1). Checked here, because jose also accepts white space and padding.
 */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const CLOCK_TOLERANCE_SECONDS = 5;
/** Maximum number of cached tokens. Only verified tokens are cached, a few hundred bytes each. */
const MAX_CACHED_TOKENS = 10_000;

const claimsSchema = z.object({
  sub: z.string().regex(/^[1-9]\d{0,14}$/),
  sid: z.string().min(1).max(128),
  jti: z.string().min(1).max(128),
  iat: z.number().int(),
  exp: z.number().int(),
  // Tokens of older releases have none.
  auth_time: z.number().int().optional(),
});

/** The user and the session that a token is issued for. */
export interface TokenSubject {
  readonly userId: number;
  readonly sessionId: string;
  /** When the user last authenticated in the session. Milliseconds since 1970. */
  readonly authTime: number;
  /** Absolute expiry of the session. Milliseconds since 1970. */
  readonly notAfter: number;
  /** For services behind this one. Here, each request asks the database. */
  readonly roles?: readonly string[];
}

export interface AccessTokens {
  /** Issues a token that expires at `notAfter` at the latest. `expiresIn` is its lifetime in seconds. */
  issue(subject: TokenSubject): Promise<{ readonly token: string; readonly expiresIn: number }>;
  /**
   * Returns the claims of a token that was verified before and is still valid. Returns `undefined` for any other token,
   * which `verify` then checks. Synchronous. Does not check whether the session has ended.
   */
  recall(token: string): Claims | undefined;
  /**
   * Verifies a token and caches its claims.
   *
   * @throws AppError `invalid_token`, without the reason
   */
  verify(token: string): Promise<Claims>;
}

interface AccessTokenOptions {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Encodes a part of a JWS: JSON in base64url (RFC 7515 section 3.1). */
const encode = (part: object): string => textToBase64Url(JSON.stringify(part));

/**
 * Signs a JWS in compact serialization, synchronously. jose uses Web Crypto; on Node, its calls wait in the thread pool
 * behind password hashes, and a login or a refresh would wait with them.
 *
 * @param header the output of {@link encode}
 */
function signByMac(header: string, claims: object, mac: Mac): string {
  const input = `${header}.${encode(claims)}`;
  return `${input}.${mac(input)}`;
}

/**
 * Issues and verifies access tokens: JWTs (RFC 7519) in the profile of RFC 9068, verified as RFC 8725 recommends. The
 * algorithm and the keys always come from the configuration, never from the token. Its header only selects one of the
 * keys by `kid`.
 */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { keys, issuer, audience, lifetimeSeconds, clock } = options;
  // Strict: a header with other members, such as jwk, jku, x5u or crit, is rejected, because issued tokens have none.
  const headerSchema = z.strictObject({
    alg: z.literal(keys.algorithm),
    typ: z.literal(TYPE),
    kid: z.string().optional(),
  });

  const headerWith = (kid: string | undefined) => ({
    alg: keys.algorithm,
    typ: TYPE,
    ...(kid !== undefined && { kid }),
  });
  const headerWithoutKid = encode(headerWith(undefined));

  // Verifying a token takes longer than the rest of a read, and on Node waits in the thread pool behind password
  // hashes.
  const cache = createTokenCache(MAX_CACHED_TOKENS);

  async function verifyByKey(token: string, key: CryptoKey): Promise<Claims | undefined> {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [keys.algorithm],
        typ: TYPE,
        issuer,
        audience,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(clock()),
      });
      const { sub, sid, exp } = claimsSchema.parse(payload);
      return { userId: Number(sub), sessionId: sid, expiresAtSeconds: exp };
    } catch {
      return undefined;
    }
  }

  function parseHeader(token: string): z.infer<typeof headerSchema> | undefined {
    if (token.length > MAX_TOKEN_LENGTH || !COMPACT.test(token)) return undefined;
    try {
      return headerSchema.parse(decodeProtectedHeader(token));
    } catch {
      return undefined;
    }
  }

  return {
    async issue({ userId, sessionId, authTime, notAfter, roles = [] }) {
      const { key, kid, mac } = await keys.signing();
      const iat = Math.floor(clock() / 1000);
      const exp = Math.min(iat + lifetimeSeconds, Math.floor(notAfter / 1000));
      // A version 4 UUID (RFC 9562) is random. It is also cheap, because engines buffer random bytes for many UUIDs.
      const ids = { sub: String(userId), sid: sessionId, jti: crypto.randomUUID() };
      // RFC 9068 section 2.2.1.
      const auth_time = Math.floor(authTime / 1000);
      const common = { ...ids, iss: issuer, aud: audience, auth_time, iat, exp };
      // RFC 9068 section 2.2.3.1.
      const claims = roles.length === 0 ? common : { ...common, roles };
      const token = mac
        ? signByMac(headerWithoutKid, claims, mac)
        : await new SignJWT(claims).setProtectedHeader(headerWith(kid)).sign(key);
      return { token, expiresIn: Math.max(0, exp - iat) };
    },

    recall(token) {
      const verified = cache.get(token);
      if (!verified || !keys.isAccepted(verified.key)) return undefined;
      // The same tolerance and rounding as in jose.
      const expiry = verified.claims.expiresAtSeconds + CLOCK_TOLERANCE_SECONDS;
      if (Math.floor(clock() / 1000) < expiry) return verified.claims;
      cache.delete(token);
      return undefined;
    },

    async verify(token) {
      const header = parseHeader(token);
      if (!header) throw new AppError('invalid_token');
      for (const key of await keys.verifying(header.kid)) {
        const claims = await verifyByKey(token, key);
        if (!claims) continue;
        cache.set(token, { claims, key });
        return claims;
      }
      throw new AppError('invalid_token');
    },
  };
}
