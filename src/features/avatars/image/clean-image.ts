import type { Bytes } from '../../../core/crypto/bytes.ts';
import { type CleanImage, check, InvalidImage, nameAt } from './image.ts';
import { cleanJpeg, JPEG_SIGNATURE } from './jpeg.ts';
import { cleanPng, PNG_SIGNATURE } from './png.ts';
import { cleanWebp, isWebp } from './webp.ts';

export { type CleanImage, type ImageType, InvalidImage, MAX_SIDE } from './image.ts';

/** 5 MB. */
export const MAX_IMAGE_BYTES = 5_000_000;

/**
 * Checks an image and removes what is not part of its look: places, cameras, comments, thumbnails, and bytes after its
 * end. Keeps the pixels, the color profile and the orientation. Recognizes the type by its first bytes, and decodes no
 * pixels. Its time is linear in the size of the file. Cleaning the result again returns the same bytes.
 *
 * @throws InvalidImage if the file is not a PNG, JPEG or WebP, animated, truncated or damaged, has more than
 * {@link MAX_IMAGE_BYTES} bytes, or a side of more than {@link MAX_SIDE} pixels
 */
export function cleanImage(bytes: Bytes): CleanImage {
  checkLength(bytes);
  const image = cleanerOf(bytes)(bytes);
  // An orientation may become longer by 4 bytes.
  checkLength(image.bytes);
  return image;
}

const checkLength = ({ length }: Bytes): void =>
  check(length <= MAX_IMAGE_BYTES, `the file has more than ${MAX_IMAGE_BYTES} bytes`);

function cleanerOf(bytes: Bytes): (bytes: Bytes) => CleanImage {
  if (nameAt(bytes, 0, PNG_SIGNATURE.length) === PNG_SIGNATURE) return cleanPng;
  if (nameAt(bytes, 0, JPEG_SIGNATURE.length) === JPEG_SIGNATURE) return cleanJpeg;
  if (isWebp(bytes)) return cleanWebp;
  throw new InvalidImage('the file is not a PNG, JPEG or WebP image');
}
