import { readFile } from 'node:fs/promises';
import type { Asset } from '../../core/ports.ts';
import type { Platform } from '../../platform.ts';
import { ROOT } from '../root.ts';
import { ignoreMissing } from './ignore-missing.ts';

const PUBLIC = new URL('public/', ROOT);

type Bytes = Uint8Array<ArrayBuffer>;

/** Returns a function that creates one body per response. All these bodies share the bytes of the file. */
export type ShareBytes = (bytes: Bytes) => () => BodyInit;

/**
 * Creates a reader that reads each file below `public/` only once, even for concurrent requests. It caches the promise,
 * and drops it if the read fails or the file is missing. All responses share one copy in memory.
 *
 * @param share how this runtime sends bytes without copying them per response; by default, the bytes are the body
 */
export function createAssetReader(
  share: ShareBytes = (bytes) => () => bytes,
): Platform['readAsset'] {
  const reads = new Map<string, Promise<(() => Asset) | undefined>>();

  async function read(path: string): Promise<(() => Asset) | undefined> {
    const bytes = await readFile(new URL(path, PUBLIC)).catch(ignoreMissing);
    if (!bytes) return undefined;
    const toBody = share(bytes);
    return () => ({ body: toBody(), length: bytes.length });
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
