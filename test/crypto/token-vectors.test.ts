import { calculateJwkThumbprint, compactVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { importKey, toPublicKey } from '../../src/features/keys/signing-key.ts';
import { createAccessTokens } from '../../src/features/sessions/access-token.ts';
import type { TokenKeys } from '../../src/features/sessions/token-keys.ts';

/** The example claims of RFC 7515 and RFC 7519: iss joe, exp 2011. */
const JOE =
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
const JOE_EXPIRES = 1_300_819_380;

/** RFC 7515 appendix A.3. */
const ES256 = {
  key: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  },
  token: `eyJhbGciOiJFUzI1NiJ9.${JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
};

/** RFC 8037 appendix A. */
const ED25519 = {
  key: {
    kty: 'OKP',
    crv: 'Ed25519',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  },
  thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  token:
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
};

/** RFC 7515 appendix A.1. */
const HS256 = {
  key: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
};

/** RFC 7519 section 6.1. */
const UNSECURED = `eyJhbGciOiJub25lIn0.${JOE}.`;

/** Access tokens verified with the given key, at a time before the examples expire. */
const tokensBy = (algorithm: TokenKeys['algorithm'], key: CryptoKey) =>
  createAccessTokens({
    keys: {
      algorithm,
      signing: async () => ({ key, kid: undefined }),
      verifying: async () => [key],
      isAccepted: () => false,
      published: async () => [],
    },
    issuer: 'joe',
    audience: 'latchkey',
    lifetimeSeconds: 60,
    clock: () => (JOE_EXPIRES - 60) * 1000,
  });

const publicPart = (key: object, algorithm: 'ES256' | 'EdDSA') =>
  importKey(JSON.stringify(toPublicKey(JSON.stringify(key), 'kid', algorithm)), algorithm);

describe('the vectors of the RFCs', () => {
  test('RFC 7515 A.3: the key is imported and verifies the ES256 example', async () => {
    const key = await publicPart(ES256.key, 'ES256');
    const { payload } = await compactVerify(ES256.token, key);
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({ iss: 'joe' });
  });

  test('RFC 8037 A.4: the key is imported and verifies the Ed25519 example', async () => {
    const key = await publicPart(ED25519.key, 'EdDSA');
    const { payload } = await compactVerify(ED25519.token, key);
    expect(new TextDecoder().decode(payload)).toBe('Example of Ed25519 signing');
  });

  test('RFC 8037 A.3: the thumbprint of a key is that of its public part', async () => {
    expect(await calculateJwkThumbprint(ED25519.key)).toBe(ED25519.thumbprint);
  });

  test('RFC 8037 A.4: signing reproduces the deterministic Ed25519 signature', async () => {
    const key = await importKey(JSON.stringify(ED25519.key), 'EdDSA');
    const [header, payload, signature] = ED25519.token.split('.');
    const input = new TextEncoder().encode(`${header}.${payload}`);
    const made = await crypto.subtle.sign({ name: 'Ed25519' }, key, input);
    expect(Buffer.from(made).toString('base64url')).toBe(signature);
  });

  test.each(['ES256', 'EdDSA'] as const)(
    'the public part of %s does not contain d',
    (algorithm) => {
      const { key } = algorithm === 'ES256' ? ES256 : ED25519;
      expect(toPublicKey(JSON.stringify(key), 'kid', algorithm)).not.toHaveProperty('d');
    },
  );
});

describe('[S23] [S24] genuine tokens of other kinds are not accepted as access tokens', () => {
  test('RFC 7515 A.1: HS256, with typ JWT', async () => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const bytes = Buffer.from(HS256.key, 'base64url');
    const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']);
    await expect(compactVerify(HS256.token, key)).resolves.toBeDefined();
    const tokens = tokensBy('HS256', key);
    await expect(tokens.verify(HS256.token)).rejects.toMatchObject({ code: 'invalid_token' });
    const notAfter = JOE_EXPIRES * 1000;
    const subject = { userId: 1, sessionId: 'x', authTime: 0, notAfter };
    const { token: own } = await tokens.issue(subject);
    await expect(tokens.verify(own)).resolves.toMatchObject({ userId: 1 });
  });

  test('RFC 7515 A.3: ES256, without typ', async () => {
    const tokens = tokensBy('ES256', await publicPart(ES256.key, 'ES256'));
    await expect(tokens.verify(ES256.token)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  test('RFC 8037 A.4: EdDSA, with a payload that is not claims', async () => {
    const tokens = tokensBy('EdDSA', await publicPart(ED25519.key, 'EdDSA'));
    await expect(tokens.verify(ED25519.token)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  test('RFC 7519 6.1: the unsecured token', async () => {
    const tokens = tokensBy('ES256', await publicPart(ES256.key, 'ES256'));
    await expect(tokens.verify(UNSECURED)).rejects.toMatchObject({ code: 'invalid_token' });
  });
});
