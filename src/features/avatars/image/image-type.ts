import { type ImageType, nameAt } from './image.ts';
import { JPEG_SIGNATURE } from './jpeg.ts';
import { PNG_SIGNATURE } from './png.ts';
import { isWebp } from './webp.ts';

/** Recognizes an image by its first bytes. Returns `undefined` for any other file. */
export function imageTypeOf(bytes: Uint8Array<ArrayBuffer>): ImageType | undefined {
  if (nameAt(bytes, 0, PNG_SIGNATURE.length) === PNG_SIGNATURE) return 'image/png';
  if (nameAt(bytes, 0, JPEG_SIGNATURE.length) === JPEG_SIGNATURE) return 'image/jpeg';
  return isWebp(bytes) ? 'image/webp' : undefined;
}
