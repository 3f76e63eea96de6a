import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  cleanImage,
  InvalidImage,
  MAX_IMAGE_BYTES,
} from '../../src/features/avatars/image/clean-image.ts';
import { AFTER_IHDR, type Bytes, join, own, pngChunk, pngOf, segment, webpChunk } from './parts.ts';

const solid = sharp({ create: { width: 48, height: 32, channels: 3, background: '#246' } });
const png = pngOf({ color: 2, depth: 8, width: 48, height: 32 });
const jpeg = own(await solid.jpeg().toBuffer());
const webp = own(await solid.webp().toBuffer());
const JPEG_END = jpeg.length - 2;

/** Fills a file up to 5 MB, or a number of parts, with copies of a part at a position. */
function filled(file: Bytes, at: number, part: Uint8Array, count?: number): Bytes {
  const room = Math.floor((MAX_IMAGE_BYTES - file.length) / part.length);
  const middle = new Uint8Array((count ?? room) * part.length);
  for (let start = 0; start < middle.length; start += part.length) middle.set(part, start);
  return join(file.subarray(0, at), middle, file.subarray(at));
}

function filledWebp(count?: number): Bytes {
  const file = filled(webp, webp.length, webpChunk('abcd', ''), count);
  new DataView(file.buffer).setUint32(4, file.length - 8, true);
  return file;
}

const MANY = 9_000;

test.each([
  ['a PNG of small chunks', filled(png, AFTER_IHDR, pngChunk('abCD')), 'too many parts'],
  ['a PNG of empty pixels', filled(png, png.length - 12, pngChunk('IDAT')), 'too many parts'],
  ['a JPEG of empty comments', filled(jpeg, 2, segment(0xfe)), 'too many parts'],
  ['a JPEG of restart intervals', filled(jpeg, 2, segment(0xdd, '\0\0')), 'damaged'],
  ['a WebP of small chunks', filledWebp(), 'too many parts'],
])('[S81] 5 MB of the smallest parts are not read to their end: %s', (_, bytes, reason) => {
  expect(() => cleanImage(bytes)).toThrow(InvalidImage);
  expect(() => cleanImage(bytes)).toThrow(reason);
});

test.each([
  ['chunks in a PNG', filled(png, AFTER_IHDR, pngChunk('abCD'), MANY), png],
  ['comments in a JPEG', filled(jpeg, 2, segment(0xfe), MANY), jpeg],
  ['chunks in a WebP', filledWebp(MANY), webp],
  ['bytes before a marker', filled(jpeg, 2, Uint8Array.of(0xff)), jpeg],
  ['bytes after a scan', filled(jpeg, JPEG_END, Uint8Array.of(0xff)), jpeg],
])('many %s are removed', (_, bytes, same) => {
  expect(cleanImage(bytes).bytes).toEqual(cleanImage(same).bytes);
});

test('5 MB of data that looks like markers stay what they are', () => {
  const bytes = filled(jpeg, JPEG_END, Uint8Array.of(0xff, 0));
  expect(Buffer.compare(cleanImage(bytes).bytes, bytes)).toBe(0);
});
