import { decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSealer } from '../../src/core/crypto/sealer.ts';
import { resealKeys, revokeKeys } from '../../src/features/keys/rotate.ts';
import { KEY_PURPOSE } from '../../src/features/keys/signing-key.ts';
import { createKeyRoom, LIFETIME_SECONDS, SECRET, SUBJECT } from '../support/key-room.ts';

type Room = Awaited<ReturnType<typeof createKeyRoom>>;
type Server = Awaited<ReturnType<Room['server']>>;

describe('rotation', () => {
  test('of ten concurrent rotations, one succeeds; there is always one current and one next key', async () => {
    const room = await createKeyRoom();
    await room.rotate();
    const results = await Promise.all(Array.from({ length: 10 }, () => room.rotate()));
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'overtaken')).toHaveLength(9);
    expect(await room.states()).toEqual(['previous', 'current', 'next']);
  });

  test('the private key of a retired key is deleted at once, and the public key when no token needs it', async () => {
    const room = await createKeyRoom();
    await room.rotate();
    await room.rotate();
    const [retired] = await room.store.list();
    expect(retired).toMatchObject({ state: 'previous', sealedPrivateKey: null });
    room.advance(30 * 86_400);
    await room.rotate();
    expect(await room.states()).toEqual(['previous', 'previous', 'current', 'next']);
    room.advance(2 * 3600);
    await room.rotate();
    expect(await room.states()).toEqual(['previous', 'previous', 'current', 'next']);
    expect((await room.store.list()).map(({ kid }) => kid)).not.toContain(retired?.kid);
  });

  test('a retired key verifies no token after its last token has expired', async () => {
    const room = await createKeyRoom();
    const thief = await room.server();
    await thief.keys.signing();
    const { key, kid } = await thief.keys.signing();
    await room.rotate();
    const server = await room.server();
    expect(await server.keys.verifying(kid)).toHaveLength(1);
    room.advance(LIFETIME_SECONDS + 61);
    expect(await server.keys.verifying(kid)).toEqual([]);
    expect((await server.keys.published()).map((published) => published.kid)).not.toContain(kid);
    expect(key.extractable).toBe(false);
  });
});

describe('[S25] a token that a server signs with the old key just after another server has rotated', () => {
  test.each([
    ['the server that signed it', (_room: Room, signer: Server) => Promise.resolve(signer)],
    ['a server that starts after the rotation', (room: Room) => room.server()],
  ])('is valid until it expires on %s', async (_, serverOf) => {
    const room = await createKeyRoom();
    const signer = await room.server();
    const old = await signer.kid();
    await room.rotate();
    room.advance(29);
    const token = await signer.issue();
    expect(decodeProtectedHeader(token).kid).toBe(old);

    const server = await serverOf(room, signer);
    room.advance(LIFETIME_SECONDS - 1);
    expect(await server.tokens.verify(token)).toMatchObject(SUBJECT);
    expect((await server.keys.published()).map(({ kid }) => kid)).toContain(old);
    room.advance(6);
    await expect(server.tokens.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
  });
});

describe('a ring under a different secret', () => {
  const REMEDY = /SECRET_KEY: cannot decrypt.*SECRET_KEY_PREVIOUS.*keys -- rotate --force/;

  test('causes a ConfigError that names the remedy, but no secret', async () => {
    const room = await createKeyRoom();
    await (await room.server()).keys.signing();
    const stranger = await room.server('another secret');
    for (const ask of [stranger.keys.signing, stranger.keys.published]) {
      await expect(ask()).rejects.toMatchObject({
        name: 'ConfigError',
        message: expect.stringMatching(REMEDY),
      });
    }
    await expect(stranger.issue()).rejects.toThrow(REMEDY);
  });

  test('is decrypted with the previous secret and not changed, so that servers with the old secret keep running', async () => {
    const room = await createKeyRoom();
    const kid = await (await room.server('old')).kid();
    expect(await (await room.server('new', 'old')).kid()).toBe(kid);
    expect(await (await room.server('old')).kid()).toBe(kid);
    await expect((await room.server('new')).kid()).rejects.toThrow(REMEDY);
  });

  test('after it is encrypted again, needs only the new secret', async () => {
    const room = await createKeyRoom();
    const kid = await (await room.server('old')).kid();
    const running = await room.server('old');
    await running.kid();
    expect(await resealKeys(await room.options('new', 'old'))).toEqual({ outcome: 'resealed' });
    expect(await (await room.server('new')).kid()).toBe(kid);
    await expect((await room.server('old')).kid()).rejects.toThrow(REMEDY);
    room.advance(31);
    expect(await running.kid()).toBe(kid);
    await expect(resealKeys(await room.options('a third'))).rejects.toThrow(REMEDY);
  });

  test('a server whose signing key is no longer accepted by others reports an error and issues no token', async () => {
    const room = await createKeyRoom();
    const server = await room.server();
    await server.issue();
    await room.rotate({ secret: 'another', force: true });
    room.advance(31);
    const token = await server.issue();
    expect(await server.tokens.verify(token)).toMatchObject(SUBJECT);
    room.advance(LIFETIME_SECONDS + 60);
    await expect(server.issue()).rejects.toThrow(REMEDY);
    await expect(server.issue()).rejects.toThrow(REMEDY);
  });

  test('after a revocation, all keys are new, and no token of the old keys is accepted', async () => {
    const room = await createKeyRoom();
    const server = await room.server();
    const before = await server.issue();
    await room.rotate();
    expect(await revokeKeys(await room.options(SECRET))).toMatchObject({ outcome: 'revoked' });
    expect(await room.states()).toEqual(['current', 'next']);
    room.advance(31);
    const after = await server.issue();
    await expect(server.tokens.verify(before)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(await server.tokens.verify(after)).toMatchObject(SUBJECT);
  });

  test('an encrypted key cannot be decrypted if it is moved to another key, truncated or modified', async () => {
    const sealer = await createSealer([SECRET], KEY_PURPOSE);
    const sealed = await sealer.seal('text', 'ES256 a');
    expect(await sealer.open(sealed, 'ES256 a')).toEqual({ text: 'text', isUpToDate: true });
    expect(await sealer.open(sealed, 'ES256 b')).toBeUndefined();
    for (const bad of ['', '.', 'x', sealed.slice(0, -4), `A${sealed.slice(1)}`, `${sealed}AAAA`]) {
      expect(await sealer.open(bad === sealed ? '' : bad, 'ES256 a'), bad).toBeUndefined();
    }
    expect(await sealer.seal('text', 'ES256 a')).not.toBe(sealed);
  });

  test('a rotation fails unless it is forced; a forced one replaces both keys, and old tokens stay valid', async () => {
    const room = await createKeyRoom();
    const server = await room.server();
    const old = await server.issue();
    await expect(room.rotate({ secret: 'lost' })).rejects.toThrow(REMEDY);
    expect(await room.states()).toEqual(['current', 'next']);
    expect(await room.rotate({ secret: 'lost', force: true })).toEqual({
      outcome: 'replaced',
      publishedForMs: 0,
    });
    const fresh = await room.server('lost');
    expect(await fresh.tokens.verify(old)).toMatchObject(SUBJECT);
    expect(await room.states()).toEqual(['previous', 'current', 'next']);

    // A server that still runs with the old secret keeps signing with its cached key, and accepts the new keys.
    room.advance(31);
    const mixed = await server.issue();
    expect(await fresh.tokens.verify(mixed)).toMatchObject(SUBJECT);
    expect(await server.tokens.verify(await fresh.issue())).toMatchObject(SUBJECT);
    expect(room.logs.join()).toContain('signing_keys_unreadable');
  });

  test('a forced rotation with the correct secret is an ordinary rotation', async () => {
    const room = await createKeyRoom();
    await room.rotate();
    expect(await room.rotate({ force: true })).toMatchObject({ outcome: 'rotated' });
  });
});
