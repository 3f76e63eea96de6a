import type { StoredFile } from './ports.ts';

/** Maximum size of a file in a store, in bytes. */
export const MAX_FILE_BYTES = 5_000_000;

const KEY = /^[A-Za-z0-9_-]{1,100}$/;

/** @throws RangeError unless a key is 1 to 100 characters of `A-Z a-z 0-9 - _` */
export function checkKey(key: string): void {
  if (!KEY.test(key)) throw new RangeError('The key of a file is not valid');
}

/** @throws RangeError if the key is not valid, or the file longer than {@link MAX_FILE_BYTES} */
export function checkFile(key: string, { bytes }: StoredFile): void {
  checkKey(key);
  if (bytes.length > MAX_FILE_BYTES) throw new RangeError('The file is too long to be stored');
}
