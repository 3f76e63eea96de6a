import { readFile } from 'node:fs/promises';
import type { Asset } from '../../core/ports.ts';
import type { Platform } from '../../platform.ts';
import { ROOT } from '../root.ts';

const PUBLIC = new URL('public/', ROOT);

type Bytes = Uint8Array<ArrayBuffer>;

/** Creates the function that returns a body for each answer, so that all answers share the content of a file. */
export type ShareBytes = (bytes: Bytes) => () => BodyInit;

/**
 * Reads a file below `public/` once, however many requests ask for it at the same time: the promise is kept,
 * and dropped where the read fails or the file is missing. All answers share the one copy in memory.
 *
 * @param share how this runtime sends bytes without a copy for each answer; as they are, by default
 */
export function createAssetReader(
  share: ShareBytes = (bytes) => () => bytes,
): Platform['readAsset'] {
  const reads = new Map<string, Promise<(() => Asset) | undefined>>();

  async function read(path: string): Promise<(() => Asset) | undefined> {
    try {
      const bytes = await readFile(new URL(path, PUBLIC));
      const toBody = share(bytes);
      return () => ({ body: toBody(), length: bytes.length });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  function readOnce(path: string): Promise<(() => Asset) | undefined> {
    const known = reads.get(path);
    if (known) return known;
    const reading = read(path);
    reads.set(path, reading);
    const drop = () => void reads.delete(path);
    reading.then((asset) => asset ?? drop(), drop);
    return reading;
  }

  return async (path) => (await readOnce(path))?.();
}
