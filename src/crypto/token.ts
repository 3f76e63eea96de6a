import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { randomBytes, toBase64Url, utf8 } from './bytes.ts';

/** RFC 9068: says that this JWT is an access token, so that no other kind is taken for one. */
const TYPE = 'at+jwt';
const MAX_TOKEN_LENGTH = 4096;
/** RFC 7515 section 7.1. jose by itself overlooks white space and padding. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const CLOCK_TOLERANCE_SECONDS = 5;

const claimsSchema = z.object({
  sub: z.string().regex(/^[1-9]\d{0,14}$/),
  sid: z.string().min(1).max(128),
  jti: z.string().min(1).max(128),
  iat: z.number().int(),
  exp: z.number().int(),
});

/** What a verified access token says. */
export interface Claims {
  readonly userId: number;
  /** Names the login that the token came from. */
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

export interface AccessTokens {
  /** Lifetime of a new token, in seconds. */
  readonly lifetimeSeconds: number;
  issue(subject: { userId: number; sessionId: string }): Promise<string>;
  /** @throws AppError `invalid_token`, which never says what was wrong */
  verify(token: string): Promise<Claims>;
}

interface AccessTokenOptions {
  readonly secretKey: string;
  readonly algorithm: 'HS256';
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** A new random identifier of 128 bits. */
export const newTokenId = (): string => toBase64Url(randomBytes(16));

/**
 * Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, checked as RFC 8725 advises. The algorithm
 * is the configured one and never the token's own word; the key is imported once.
 */
export async function createAccessTokens(options: AccessTokenOptions): Promise<AccessTokens> {
  const { algorithm, issuer, audience, lifetimeSeconds, clock } = options;
  const key = await crypto.subtle.importKey(
    'raw',
    utf8(options.secretKey),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  );
  const nowSeconds = () => Math.floor(clock() / 1000);

  return {
    lifetimeSeconds,

    issue({ userId, sessionId }) {
      const now = nowSeconds();
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: algorithm, typ: TYPE })
        .setSubject(String(userId))
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(newTokenId())
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(key);
    },

    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH || !COMPACT.test(token))
        throw new AppError('invalid_token');
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          typ: TYPE,
          issuer,
          audience,
          requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(clock()),
        });
        const claims = claimsSchema.parse(payload);
        return {
          userId: Number(claims.sub),
          sessionId: claims.sid,
          expiresAt: claims.exp,
        };
      } catch (cause) {
        throw new AppError('invalid_token', { cause });
      }
    },
  };
}
