import { readFile } from 'node:fs/promises';

/** Our static files. Above both `src/runtime` and `dist/runtime`. */
const PUBLIC = new URL('../../public/', import.meta.url);

/** Reads a file below `public/`, once. */
export function createAssetReader(): (
  path: string,
) => Promise<Uint8Array<ArrayBuffer> | undefined> {
  const cache = new Map<string, Uint8Array<ArrayBuffer>>();
  return async (path) => {
    const cached = cache.get(path);
    if (cached) return cached;
    try {
      const bytes = new Uint8Array(await readFile(new URL(path, PUBLIC)));
      cache.set(path, bytes);
      return bytes;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  };
}
