import type { R2Bucket } from '@cloudflare/workers-types';
import { checkFile, checkKey } from '../../core/files.ts';
import { withinLimit } from '../../core/outbound.ts';
import type { FileStore } from '../../core/ports.ts';

const GET_LIMIT_MS = 5000;

/** Stores files in an R2 bucket that is bound to the Worker. */
export const createR2Store = (bucket: R2Bucket): FileStore => ({
  async put(key, file) {
    checkFile(key, file);
    await bucket.put(key, file.bytes, { httpMetadata: { contentType: file.type } });
  },

  async get(key) {
    checkKey(key);
    return withinLimit(GET_LIMIT_MS, async () => {
      const object = await bucket.get(key);
      return object ? new Uint8Array(await object.arrayBuffer()) : undefined;
    });
  },

  async delete(key) {
    checkKey(key);
    await bucket.delete(key);
  },
});
