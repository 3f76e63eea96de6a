import { argon2i, argon2id } from '@noble/hashes/argon2.js';
import { md5 } from '@noble/hashes/legacy.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { concatBytes } from '@noble/hashes/utils.js';
import bcrypt from 'bcryptjs';
import { utf8 } from '../../../core/crypto/bytes.ts';
import {
  MAX_MEMORY_IN_PLACE,
  type PhpassHash,
  type SlowHash,
  type SlowHashes,
} from './slow-hash.ts';

/**
 * Computes on the thread that serves, for Workers, which have no other. Does not yield during scrypt and argon2: two of
 * these hashes at a time would exceed the memory of an isolate. In production, it could not yield after an interval
 * either, because the clock of a Worker stands still while it computes.
 */
export const slowHashesInPlace: SlowHashes = {
  maxMemory: MAX_MEMORY_IN_PLACE,
  compute: async (hash) => compute(hash),
};

/** `runtime/ports/hash-thread.js` does the same, in a thread. */
function compute(hash: SlowHash): Uint8Array | Promise<Uint8Array> {
  const { password } = hash;
  switch (hash.algorithm) {
    case 'bcrypt':
      return bcrypt.hash(password, hash.settings).then(utf8);
    case 'scrypt': {
      const { salt, N, r, p, dkLen } = hash;
      return scrypt(password, salt, { N, r, p, dkLen });
    }
    case 'phpass':
      return phpass(hash);
    default: {
      const { salt, m, t, p, dkLen } = hash;
      const argon2 = hash.algorithm === 'argon2i' ? argon2i : argon2id;
      return argon2(password, salt, { m, t, p, dkLen });
    }
  }
}

function phpass({ password, salt, iterations }: PhpassHash): Uint8Array {
  const tail = utf8(password);
  let hash = md5(concatBytes(salt, tail));
  for (let i = 0; i < iterations; i++) hash = md5(concatBytes(hash, tail));
  return hash;
}
