import type { Bytes } from '../../../core/crypto/bytes.ts';
import { MAX_FILE_BYTES } from '../../../core/files.ts';
import { type CleanImage, check, type ImageType } from './image.ts';
import { imageTypeOf } from './image-type.ts';
import { cleanJpeg } from './jpeg.ts';
import { cleanPng } from './png.ts';
import { cleanWebp } from './webp.ts';

export { type CleanImage, type ImageType, InvalidImage, MAX_SIDE } from './image.ts';

/** 5 MB: what a store of files accepts. */
export const MAX_IMAGE_BYTES = MAX_FILE_BYTES;

const CLEANERS: Readonly<Record<ImageType, (bytes: Bytes) => CleanImage>> = {
  'image/png': cleanPng,
  'image/jpeg': cleanJpeg,
  'image/webp': cleanWebp,
};

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
  const type = imageTypeOf(bytes);
  check(type !== undefined, 'the file is not a PNG, JPEG or WebP image');
  const image = CLEANERS[type](bytes);
  // An orientation may become longer by 4 bytes.
  checkLength(image.bytes);
  return image;
}

const checkLength = ({ length }: Bytes): void =>
  check(length <= MAX_IMAGE_BYTES, `the file has more than ${MAX_IMAGE_BYTES} bytes`);
