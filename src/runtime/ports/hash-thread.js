// Computes slow hashes in a worker thread. JavaScript, since Node 20 cannot load TypeScript in a worker thread, not even
// under tsx; it also keeps the file name the same in the sources and in the build. Does the same as
// `features/passwords/schemes/compute-in-place.ts`; every kind of hash is tested in both.
import { parentPort } from 'node:worker_threads';
import { argon2i, argon2id } from '@noble/hashes/argon2.js';
import { md5 } from '@noble/hashes/legacy.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { concatBytes } from '@noble/hashes/utils.js';
import bcrypt from 'bcryptjs';

const ALGORITHMS = {
  bcrypt: ({ password, settings }) => new TextEncoder().encode(bcrypt.hashSync(password, settings)),
  scrypt: ({ password, salt, N, r, p, dkLen }) => scrypt(password, salt, { N, r, p, dkLen }),
  argon2i: ({ password, salt, m, t, p, dkLen }) => argon2i(password, salt, { m, t, p, dkLen }),
  argon2id: ({ password, salt, m, t, p, dkLen }) => argon2id(password, salt, { m, t, p, dkLen }),
  phpass({ password, salt, iterations }) {
    const tail = new TextEncoder().encode(password);
    let hash = md5(concatBytes(salt, tail));
    for (let i = 0; i < iterations; i++) hash = md5(concatBytes(hash, tail));
    return hash;
  },
};

parentPort?.on('message', (hash) => {
  parentPort?.postMessage(ALGORITHMS[hash.algorithm](hash));
});
