import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { textToBase64Url } from '../../core/crypto/bytes.ts';
import type { Mac } from '../../core/crypto/derived-key.ts';
import { AppError } from '../../core/errors.ts';
import type { Claims } from './claims.ts';
import { createTokenCache } from './token-cache.ts';
import type { TokenKeys } from './token-keys.ts';

/** RFC 9068: says that this JWT is an access token, so that no other kind is taken for one. */
const TYPE = 'at+jwt';
const MAX_TOKEN_LENGTH = 4096;
/** RFC 7515 section 7.1. jose by itself overlooks white space and padding. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const CLOCK_TOLERANCE_SECONDS = 5;
/** Of our own making, so some hundred bytes each. */
const MAX_CACHED_TOKENS = 10_000;

const claimsSchema = z.object({
  sub: z.string().regex(/^[1-9]\d{0,14}$/),
  sid: z.string().min(1).max(128),
  jti: z.string().min(1).max(128),
  iat: z.number().int(),
  exp: z.number().int(),
});

/** Whom a token is for. */
export interface TokenSubject {
  readonly userId: number;
  readonly sessionId: string;
  /** When the session ends at the latest. Milliseconds since 1970. */
  readonly notAfter: number;
}

export interface AccessTokens {
  /** A new token, and how many seconds it lives: no longer than `notAfter` (milliseconds since 1970). */
  issue(subject: TokenSubject): Promise<{ readonly token: string; readonly expiresIn: number }>;
  /**
   * What a token says that was verified before and is still good, at once; `undefined` for any other, which
   * `verify` is for. Only what it says is remembered: whether its session has ended is another question.
   */
  recall(token: string): Claims | undefined;
  /** @throws AppError `invalid_token`, which never says what was wrong */
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

/** A part of a JWS (RFC 7515 section 3.1). */
const encode = (part: object): string => textToBase64Url(JSON.stringify(part));

/**
 * A JWS in compact serialization. jose does the same by Web Crypto, where on Node a login or a refresh would
 * wait behind passwords.
 *
 * @param header the result of {@link encode}
 */
function sealByMac(header: string, claims: object, mac: Mac): string {
  const input = `${header}.${encode(claims)}`;
  return `${input}.${mac(input)}`;
}

/**
 * Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, checked as RFC 8725 advises. The algorithm
 * is the configured one and never the token's own word, and so is the key: of its header nothing but the
 * `kid` of a known key is considered.
 */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { keys, issuer, audience, lifetimeSeconds, clock } = options;
  // Strict: a header with a member that we do not write is not of our making (jwk, jku, x5u, crit …).
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

  // Verifying takes longer than all the rest of a read, and its work waits in one queue with passwords.
  const cache = createTokenCache(MAX_CACHED_TOKENS);

  async function claimsOf(token: string, key: CryptoKey): Promise<Claims | undefined> {
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
      return { userId: Number(sub), sessionId: sid, expiresAt: exp };
    } catch {
      return undefined;
    }
  }

  function headerOf(token: string): z.infer<typeof headerSchema> | undefined {
    if (token.length > MAX_TOKEN_LENGTH || !COMPACT.test(token)) return undefined;
    try {
      return headerSchema.parse(decodeProtectedHeader(token));
    } catch {
      return undefined;
    }
  }

  return {
    async issue({ userId, sessionId, notAfter }) {
      const { key, kid, mac } = await keys.signing();
      const iat = Math.floor(clock() / 1000);
      const exp = Math.min(iat + lifetimeSeconds, Math.floor(notAfter / 1000));
      // A version 4 UUID (RFC 9562) is random too, and engines have the bytes of many at hand.
      const ids = { sub: String(userId), sid: sessionId, jti: crypto.randomUUID() };
      const claims = { ...ids, iss: issuer, aud: audience, iat, exp };
      const token = mac
        ? sealByMac(headerWithoutKid, claims, mac)
        : await new SignJWT(claims).setProtectedHeader(headerWith(kid)).sign(key);
      return { token, expiresIn: Math.max(0, exp - iat) };
    },

    recall(token) {
      const verified = cache.get(token);
      if (!verified || !keys.isTaken(verified.key)) return undefined;
      // As jose reckons.
      const end = verified.claims.expiresAt + CLOCK_TOLERANCE_SECONDS;
      if (Math.floor(clock() / 1000) < end) return verified.claims;
      cache.delete(token);
      return undefined;
    },

    async verify(token) {
      const header = headerOf(token);
      if (!header) throw new AppError('invalid_token');
      for (const key of await keys.verifying(header.kid)) {
        const claims = await claimsOf(token, key);
        if (!claims) continue;
        cache.set(token, { claims, key });
        return claims;
      }
      throw new AppError('invalid_token');
    },
  };
}
