import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSealer } from '../../src/core/crypto/sealer.ts';
import { rotateKeys } from '../../src/features/keys/rotate.ts';
import { KEY_PURPOSE } from '../../src/features/keys/signing-key.ts';
import {
  algorithms,
  createKeyRoom,
  LIFETIME_SECONDS,
  SECRET,
  SUBJECT,
} from '../support/key-room.ts';

describe.each(algorithms)('a key ring of %s', (algorithm) => {
  test('is created if it is missing: one key signs, and the next one is already published', async () => {
    const room = await createKeyRoom(algorithm);
    const { keys, tokens, issue } = await room.server();
    const token = await issue();
    expect(await room.states()).toEqual(['current', 'next']);
    expect(await tokens.verify(token)).toMatchObject(SUBJECT);
    const published = await keys.published();
    expect(published).toHaveLength(2);
    const [current] = await room.store.list();
    expect(decodeProtectedHeader(token)).toEqual({
      alg: algorithm,
      typ: 'at+jwt',
      kid: current?.kid,
    });
  });

  test('[S25] publishes only public members, which are enough to verify tokens', async () => {
    const room = await createKeyRoom(algorithm);
    const { keys, issue } = await room.server();
    const published = await keys.published();
    const members = [
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
      ...(algorithm === 'ES256' ? ['y'] : []),
    ];
    for (const key of published) {
      expect(Object.keys(key).sort()).toEqual(members);
      expect(key).toMatchObject({ alg: algorithm, use: 'sig' });
    }
    const set = createLocalJWKSet({ keys: published.map((key) => ({ ...key })) });
    const { payload } = await jwtVerify(await issue(), set, {
      currentDate: new Date(Date.UTC(2026, 0, 1, 12)),
    });
    expect(payload.sub).toBe('7');
  });

  test('the database contains no private key in plain text', async () => {
    const room = await createKeyRoom(algorithm);
    await (await room.server()).keys.signing();
    for (const { publicKey, sealedPrivateKey } of await room.store.list()) {
      expect(publicKey).not.toContain('"d"');
      expect(sealedPrivateKey).toMatch(/^[\w-]{16}\.[\w-]{100,}$/);
    }
  });

  test('[S25] after a rotation, the published next key signs, and old tokens are valid until they expire', async () => {
    const room = await createKeyRoom(algorithm);
    const server = await room.server();
    const published = (await server.keys.published()).map(({ kid }) => kid);
    const [before, old] = [await server.kid(), await server.issue()];
    room.advance(400);
    expect(await room.rotate()).toEqual({ outcome: 'rotated', publishedForMs: 400_000 });
    expect(await room.states()).toEqual(['previous', 'current', 'next']);
    room.advance(30);
    const after = await server.kid();
    expect(after).not.toBe(before);
    expect(published).toContain(after);
    expect(await server.tokens.verify(old)).toMatchObject(SUBJECT);
    room.advance(LIFETIME_SECONDS);
    await expect(server.tokens.verify(old)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  test('a running server uses the rotated key within half a minute, without a notification', async () => {
    const room = await createKeyRoom(algorithm);
    const server = await room.server();
    const before = await server.kid();
    await room.rotate();
    room.advance(29);
    expect(await server.kid()).toBe(before);
    room.advance(1);
    expect(await server.kid()).not.toBe(before);
  });

  test('a key that another server already signs with is accepted at once', async () => {
    const room = await createKeyRoom(algorithm);
    const [slow] = [await room.server(), await (await room.server()).kid()];
    await slow.kid();
    await room.rotate();
    await room.rotate();
    room.advance(6);
    const token = await (await room.server()).issue();
    expect(await slow.tokens.verify(token)).toMatchObject(SUBJECT);
  });
});

describe.each(algorithms)('[S23] a token of %s', (algorithm) => {
  test('with a header that we never issue is rejected, even if our own key has signed it', async () => {
    const room = await createKeyRoom(algorithm);
    const { keys, tokens, issue } = await room.server();
    const { key, kid } = await keys.signing();
    const claims = decodeJwt(await issue());
    const header = { alg: algorithm, typ: 'at+jwt', kid: String(kid) };
    const verified = async (members: Record<string, unknown>) =>
      tokens.verify(
        await new SignJWT(claims).setProtectedHeader({ ...header, ...members }).sign(key),
      );
    await expect(verified({})).resolves.toMatchObject(SUBJECT);
    for (const members of [
      { jwk: (await keys.published())[0] },
      { jku: 'https://attacker.example/jwks.json' },
      { x5u: 'https://attacker.example/cert.pem' },
      { x5c: ['MIIB'] },
      { x5t: 'AAAA' },
      { cty: 'JWT' },
      { kid: undefined },
      { kid: 'A'.repeat(43) },
      { typ: 'JWT' },
      { typ: undefined },
    ]) {
      await expect(verified(members), Object.keys(members).join()).rejects.toMatchObject({
        code: 'invalid_token',
      });
    }
  });
});

describe('the ring and its database', () => {
  test('is read once in half a minute, regardless of the number of requests', async () => {
    const room = await createKeyRoom();
    const { tokens, issue } = await room.server();
    const token = await issue();
    const reads = room.reads();
    for (let i = 0; i < 50; i++) await tokens.verify(token);
    expect(room.reads()).toBe(reads);
    room.advance(30);
    await Promise.all(Array.from({ length: 50 }, () => tokens.verify(token)));
    expect(room.reads()).toBe(reads + 1);
  });

  test('[S23] unknown kids are rejected, and many of them do not flood the database', async () => {
    const room = await createKeyRoom();
    const { keys } = await room.server();
    await keys.signing();
    const reads = room.reads();
    for (let i = 0; i < 200; i++) {
      expect(await keys.verifying(String(i).padStart(43, 'A'))).toEqual([]);
    }
    for (const kid of [undefined, '', '../../etc/passwd', 'A'.repeat(5000)]) {
      expect(await keys.verifying(kid)).toEqual([]);
    }
    expect(room.reads()).toBe(reads);
    room.advance(5);
    for (let i = 0; i < 200; i++) await keys.verifying(String(i).padStart(43, 'A'));
    expect(room.reads()).toBe(reads + 1);
  });

  test('ten servers that start at the same time share one ring', async () => {
    const room = await createKeyRoom();
    const servers = await Promise.all(Array.from({ length: 10 }, () => room.server()));
    const kids = await Promise.all(servers.map(({ kid }) => kid()));
    expect(new Set(kids).size).toBe(1);
    expect(await room.states()).toEqual(['current', 'next']);
  });

  test('while the database is unreachable, a server that has read the ring still accepts tokens', async () => {
    const room = await createKeyRoom();
    const { tokens, issue } = await room.server();
    const token = await issue();
    room.close();
    room.advance(31);
    expect(await tokens.verify(token)).toMatchObject(SUBJECT);
    expect(room.logs.join()).toContain('signing_keys_reload_failed');
  });

  test('a clock that is set back does not keep an old ring forever', async () => {
    const room = await createKeyRoom();
    const server = await room.server();
    const before = await server.kid();
    await room.rotate();
    room.advance(-3600);
    expect(await server.kid()).not.toBe(before);
  });

  test('keys of another algorithm form a ring of their own', async () => {
    const room = await createKeyRoom('ES256');
    await (await room.server()).keys.signing();
    const sealer = await createSealer([SECRET], KEY_PURPOSE);
    const options = { algorithm: 'EdDSA', store: room.store, sealer, force: false } as const;
    expect(await rotateKeys({ ...options, now: 1 })).toEqual({ outcome: 'created' });
    expect(await room.states()).toEqual(['current', 'next', 'current', 'next']);
  });
});
