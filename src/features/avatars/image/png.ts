import type { Bytes } from '../../../core/crypto/bytes.ts';
import {
  ANIMATED,
  BROKEN,
  bytesOf,
  type CleanImage,
  check,
  checkParts,
  checkProfile,
  checkSize,
  concat,
  nameAt,
  TRUNCATED,
  viewOf,
} from './image.ts';
import { exifOf, orientationOf, UPRIGHT } from './orientation.ts';

export const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** The length, type and checksum of a chunk. */
const FRAME_LENGTH = 12;
/**
 * The chunks that decide how the image looks, in the order in which they are written, with the length of their data
 * where it is fixed (PNG, third edition, section 11). Background, density and significant bits are not shown by browsers.
 */
const KEPT: ReadonlyMap<string, number | undefined> = new Map([
  ['IHDR', 13],
  ['cICP', 4],
  ['mDCV', 24],
  ['cLLI', 8],
  ['iCCP', undefined],
  ['sRGB', 1],
  ['gAMA', 4],
  ['cHRM', 32],
  ['eXIf', undefined],
  ['PLTE', undefined],
  ['tRNS', undefined],
  ['IDAT', undefined],
  ['IEND', 0],
]);
const BEFORE_PALETTE = ['cICP', 'mDCV', 'cLLI', 'iCCP', 'sRGB', 'gAMA', 'cHRM'];
const OF_ANIMATIONS = ['acTL', 'fcTL', 'fdAT'];

/** The bit depths and the number of channels of each color type. */
const COLOR_TYPES: Readonly<
  Record<number, readonly [depths: readonly number[], channels: number]>
> = {
  0: [[1, 2, 4, 8, 16], 1],
  2: [[8, 16], 3],
  3: [[1, 2, 4, 8], 1],
  4: [[8, 16], 2],
  6: [[8, 16], 4],
};
const GRAY = 0;
const RGB = 2;
const PALETTE = 3;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 (ISO 3309), as PNG uses it. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** A chunk, or several of one type in succession. */
interface Chunk {
  /** Where it starts and ends in the file, with its length and checksum. */
  readonly start: number;
  readonly end: number;
  /** The data of the first one. */
  readonly data: Uint8Array;
  /** The length of the data of all, in bytes. */
  readonly length: number;
}

type Chunks = Map<string, Chunk>;

/** A decoder may ignore a chunk whose name starts with a small letter. */
const isOptional = (type: string): boolean => /^[a-z]/.test(type);

/**
 * Removes metadata from a PNG. Data after the end of its compressed pixels cannot be found without decompressing them;
 * its size is bounded.
 *
 * @throws InvalidImage
 */
export function cleanPng(bytes: Bytes): CleanImage {
  const chunks = readChunks(bytes);
  const { data } = chunkOf(chunks, 'IHDR');
  const view = viewOf(data);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  checkSize(width, height);
  checkColors(chunks);
  const parts = [...KEPT.keys()].flatMap((type) => {
    const chunk = chunks.get(type);
    return chunk ? (rewritten(type, chunk.data) ?? bytes.subarray(chunk.start, chunk.end)) : [];
  });
  const clean = concat([bytes.subarray(0, PNG_SIGNATURE.length), ...parts]);
  return { type: 'image/png', bytes: clean, width, height };
}

/** Reads the kept chunks until `IEND`, and checks the frame of every chunk. */
function readChunks(bytes: Bytes): Chunks {
  const view = viewOf(bytes);
  const chunks = new Map<string, Chunk>();
  let count = 0;
  for (let start = PNG_SIGNATURE.length; !chunks.has('IEND'); ) {
    checkParts(++count);
    check(start + FRAME_LENGTH <= bytes.length, TRUNCATED);
    const length = view.getUint32(start);
    const end = start + FRAME_LENGTH + length;
    check(end <= bytes.length, TRUNCATED);
    const type = nameAt(bytes, start + 4, 4);
    const isSound =
      isOptional(type) && !KEPT.has(type)
        ? true
        : crcOf(bytes.subarray(start + 4, end - 4)) === view.getUint32(end - 4);
    check(isSound || isOptional(type), BROKEN);
    check(chunks.size > 0 || type === 'IHDR', BROKEN);
    check(!OF_ANIMATIONS.includes(type), ANIMATED);
    if (KEPT.has(type)) {
      const data = bytes.subarray(start + 8, end - 4);
      const isUsable =
        isSound && !(isOptional(type) && (chunks.has(type) || isMisfit(type, length)));
      if (isUsable) chunks.set(type, joined(chunks.get(type), { start, end, data, length }, type));
    } else {
      // A decoder must not ignore an unknown chunk whose name starts with a capital letter.
      check(/^[a-z][A-Za-z]{3}$/.test(type), BROKEN);
    }
    start = end;
  }
  return chunks;
}

/** True if the length of a chunk is fixed, and is another one. */
function isMisfit(type: string, length: number): boolean {
  const fixed = KEPT.get(type);
  return fixed !== undefined && fixed !== length;
}

/** Returns a chunk with those before it. Only `IDAT` may occur more than once, in succession. */
function joined(before: Chunk | undefined, chunk: Chunk, type: string): Chunk {
  check(!isMisfit(type, chunk.length), BROKEN);
  if (before === undefined) return chunk;
  check(type === 'IDAT' && before.end === chunk.start, BROKEN);
  const { start, data, length } = before;
  return { start, end: chunk.end, data, length: length + chunk.length };
}

function chunkOf(chunks: Chunks, type: string): Chunk {
  const chunk = chunks.get(type);
  check(chunk !== undefined, BROKEN);
  return chunk;
}

/**
 * Checks the color type, the palette and the amount of compressed data. Drops optional chunks that are misplaced or do
 * not fit, as decoders do.
 */
function checkColors(chunks: Chunks): void {
  const { data } = chunkOf(chunks, 'IHDR');
  const [depth = 0, color = 0, compression, filter, interlace = 0] = data.subarray(8);
  const [depths, channels] = COLOR_TYPES[color] ?? [[], 0];
  check(depths.includes(depth), BROKEN);
  check(compression === 0 && filter === 0 && interlace <= 1, BROKEN);

  const pixels = chunkOf(chunks, 'IDAT');
  // Gray has no palette; decoders ignore it.
  if ((color & RGB) === 0) chunks.delete('PLTE');
  const palette = chunks.get('PLTE');
  const entries = (palette?.length ?? 0) / 3;
  check(color !== PALETTE || palette !== undefined, BROKEN);
  if (palette) {
    check(palette.start < pixels.start, BROKEN);
    const most = color === PALETTE ? 2 ** depth : 256;
    check(Number.isInteger(entries) && entries >= 1 && entries <= most, BROKEN);
  }
  const transparency = chunks.get('tRNS');
  if (transparency) {
    const { start, length } = transparency;
    const isPlaced = start < pixels.start && start > (palette?.start ?? 0);
    const isLegal =
      (color === GRAY && length === 2) ||
      (color === RGB && length === 6) ||
      (color === PALETTE && length >= 1 && length <= entries);
    if (!isPlaced || !isLegal) chunks.delete('tRNS');
  }
  const next = palette?.start ?? pixels.start;
  for (const type of BEFORE_PALETTE) {
    if ((chunks.get(type)?.start ?? 0) > next) chunks.delete(type);
  }
  // They complete cICP.
  if (!chunks.has('cICP')) for (const type of ['mDCV', 'cLLI']) chunks.delete(type);
  checkAmount(viewOf(data), pixels, depth * channels);
}

/** Checks the start of the zlib stream (RFC 1950), and that it is not longer than the pixels can need. */
function checkAmount(header: DataView, pixels: Chunk, bitsPerPixel: number): void {
  const rowLength = 1 + Math.ceil((header.getUint32(0) * bitsPerPixel) / 8);
  // Interlaced rows have at most twice as many filter bytes and padding bits.
  const most = 2 * rowLength * header.getUint32(4) + 1024;
  check(pixels.length <= most, 'the file contains more than an image');
  const [method = 0, flags = 0] = pixels.data;
  const hasStart =
    pixels.data.length < 2 || ((method & 15) === 8 && (method * 256 + flags) % 31 === 0);
  check(hasStart && pixels.length > 2, BROKEN);
}

/** Returns a chunk that is not copied as it is; `undefined` for those that are. */
function rewritten(type: string, data: Uint8Array): readonly Uint8Array[] | undefined {
  if (type === 'eXIf') {
    const orientation = orientationOf(data);
    return orientation === UPRIGHT ? [] : [chunkWith(type, exifOf(orientation))];
  }
  if (type !== 'iCCP') return undefined;
  checkProfile(data.length);
  const nameLength = data.indexOf(0);
  if (nameLength < 1 || nameLength > 79 || data[nameLength + 1] !== 0) return [];
  // The name of the profile may be any text.
  return [chunkWith(type, concat([bytesOf('icc\0'), data.subarray(nameLength + 1)]))];
}

function chunkWith(type: string, data: Uint8Array): Uint8Array {
  const chunk = concat([new Uint8Array(4), bytesOf(type), data, new Uint8Array(4)]);
  const view = viewOf(chunk);
  view.setUint32(0, data.length);
  view.setUint32(chunk.length - 4, crcOf(chunk.subarray(4, -4)));
  return chunk;
}
