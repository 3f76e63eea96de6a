import type { Bytes } from '../../../core/crypto/bytes.ts';
import { bytesOf, concat, nameAt, viewOf } from './image.ts';

/** The tag of the orientation, and the type of its value (TIFF 6.0, sections 2 and 8). */
const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_LENGTH = 12;
/** No rotation. Also what a file without an orientation means. */
export const UPRIGHT = 1;
const LAST = 8;

/** What precedes TIFF in the EXIF segment of a JPEG (Exif 2.32, section 4.7.2). Some programs write it elsewhere too. */
export const EXIF_NAME = 'Exif\0\0';

/** A TIFF structure, without its last 8 bytes: one directory with one entry, the orientation. */
const TIFF_START = [
  ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8],
  ...[0, 1, ORIENTATION >> 8, ORIENTATION & 0xff, 0, SHORT, 0, 0, 0, 1],
];

/** Creates EXIF data that contains only an orientation. */
export const exifOf = (orientation: number): Bytes =>
  Uint8Array.from([...TIFF_START, 0, orientation, 0, 0, 0, 0, 0, 0]);

/** Reads the orientation from EXIF data: 1 to 8. Returns 1 if there is none. Never throws. */
export function orientationOf(exif: Uint8Array): number {
  const tiff = nameAt(exif, 0, 6) === EXIF_NAME ? exif.subarray(6) : exif;
  const order = nameAt(tiff, 0, 4);
  if (tiff.length < 8 || !(order === 'II*\0' || order === 'MM\0*')) return UPRIGHT;
  const view = viewOf(tiff);
  const isLittle = order === 'II*\0';
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return UPRIGHT;
  const first = directory + 2;
  const count = view.getUint16(directory, isLittle);
  const last = Math.min(first + count * ENTRY_LENGTH, tiff.length) - ENTRY_LENGTH;
  for (let at = first; at <= last; at += ENTRY_LENGTH) {
    if (view.getUint16(at, isLittle) !== ORIENTATION) continue;
    const isOne =
      view.getUint16(at + 2, isLittle) === SHORT && view.getUint32(at + 4, isLittle) === 1;
    const value = view.getUint16(at + 8, isLittle);
    return isOne && value > UPRIGHT && value <= LAST ? value : UPRIGHT;
  }
  return UPRIGHT;
}

/** The EXIF segment of a JPEG: the name and the data. */
export const namedExifOf = (orientation: number): Bytes =>
  concat([bytesOf(EXIF_NAME), exifOf(orientation)]);
