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

/** `RIFF`, the length of what follows, `WEBP`. */
const FILE_HEADER_LENGTH = 12;
const CHUNK_HEADER_LENGTH = 8;
const LOSSY_HEADER_LENGTH = 10;
const LOSSLESS_HEADER_LENGTH = 5;

/** Flags of `VP8X` (RFC 9649, section 2.7.1). */
const HAS_PROFILE = 0x20;
const HAS_ALPHA = 0x10;
const HAS_EXIF = 0x08;
const IS_ANIMATED = 0x02;

export const isWebp = (bytes: Uint8Array): boolean =>
  nameAt(bytes, 0, 4) === 'RIFF' && nameAt(bytes, 8, 4) === 'WEBP';

/** The chunks that are kept, by type. */
type Chunks = ReadonlyMap<string, Uint8Array>;

const METADATA = ['ICCP', 'EXIF'];
const KEPT = ['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'VP8L', 'EXIF'];

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Removes metadata from a WebP. Data after the end of its compressed pixels cannot be found without decompressing them.
 *
 * @throws InvalidImage
 */
export function cleanWebp(bytes: Bytes): CleanImage {
  const chunks = readChunks(bytes);
  const lossy = chunks.get('VP8 ');
  const lossless = chunks.get('VP8L');
  const pixels = lossy ?? lossless;
  check(
    pixels !== undefined && pixels.length >= (lossy ? LOSSY_HEADER_LENGTH : LOSSLESS_HEADER_LENGTH),
    BROKEN,
  );
  const size = lossy ? lossySize(pixels) : losslessSize(pixels);
  checkSize(size.width, size.height);
  const extras = extrasOf(chunks, size);
  const image = chunk(lossy ? 'VP8 ' : 'VP8L', pixels);
  const parts = extras ? [...extras.before, image, ...extras.after] : [image];
  const header = concat([bytesOf('RIFF'), new Uint8Array(4), bytesOf('WEBP')]);
  const clean = concat([header, ...parts]);
  viewOf(clean).setUint32(4, clean.length - 8, true);
  return { type: 'image/webp', bytes: clean, ...size };
}

/** Reads the kept chunks, and checks the length of every chunk. */
function readChunks(bytes: Bytes): Chunks {
  const view = viewOf(bytes);
  check(bytes.length >= FILE_HEADER_LENGTH, TRUNCATED);
  const fileEnd = 8 + view.getUint32(4, true);
  check(fileEnd <= bytes.length, TRUNCATED);
  const chunks = new Map<string, Uint8Array>();
  let count = 0;
  for (let start = FILE_HEADER_LENGTH; start < fileEnd; ) {
    checkParts(++count);
    const dataStart = start + CHUNK_HEADER_LENGTH;
    check(dataStart <= fileEnd, BROKEN);
    const length = view.getUint32(start + 4, true);
    // Chunks start at even positions.
    const end = dataStart + length + (length & 1);
    check(end <= fileEnd, BROKEN);
    const type = nameAt(bytes, start, 4);
    check(type !== 'ANIM' && type !== 'ANMF', ANIMATED);
    if (start === FILE_HEADER_LENGTH) check(['VP8X', 'VP8 ', 'VP8L'].includes(type), BROKEN);
    if (KEPT.includes(type)) {
      const isRepeated = chunks.has(type) || (type !== 'EXIF' && hasPixels(chunks));
      // Decoders use the first metadata, and a profile before the pixels only.
      check(!isRepeated || METADATA.includes(type), BROKEN);
      if (!isRepeated) chunks.set(type, bytes.subarray(dataStart, dataStart + length));
    }
    start = end;
  }
  return chunks;
}

const hasPixels = (chunks: Chunks): boolean => chunks.has('VP8 ') || chunks.has('VP8L');

/** Reads the header of a key frame of VP8 (RFC 6386, section 9.1). */
function lossySize(data: Uint8Array): Size {
  const view = viewOf(data);
  const tag = view.getUint16(0, true) | ((data[2] ?? 0) << 16);
  const isKeyFrame = (tag & 1) === 0 && ((tag >> 1) & 7) <= 3 && ((tag >> 4) & 1) === 1;
  check(isKeyFrame && nameAt(data, 3, 3) === '\x9d\x01\x2a', BROKEN);
  check(tag >> 5 <= data.length - LOSSY_HEADER_LENGTH, BROKEN);
  // The two upper bits are the scale, which decoders ignore.
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
}

/** Reads the header of VP8L (RFC 9649, section 3.4). */
function losslessSize(data: Uint8Array): Size {
  const bits = viewOf(data).getUint32(1, true);
  check(data[0] === 0x2f && bits >>> 29 === 0, BROKEN);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** Returns the other chunks before and after the pixels; `undefined` if the pixels are enough. */
function extrasOf(
  chunks: Chunks,
  { width, height }: Size,
): { readonly before: readonly Uint8Array[]; readonly after: readonly Uint8Array[] } | undefined {
  const extended = chunks.get('VP8X');
  if (extended === undefined) return undefined;
  check(extended.length === 10, BROKEN);
  const [given = 0] = extended;
  check((given & IS_ANIMATED) === 0, ANIMATED);
  const view = viewOf(extended);
  const canvasWidth = 1 + (view.getUint32(4, true) & 0xffffff);
  const canvasHeight = 1 + (view.getUint32(6, true) >>> 8);
  check(canvasWidth === width && canvasHeight === height, BROKEN);

  const profile = given & HAS_PROFILE ? chunks.get('ICCP') : undefined;
  checkProfile(profile?.length ?? 0);
  const exif = given & HAS_EXIF ? chunks.get('EXIF') : undefined;
  const orientation = exif ? orientationOf(exif) : UPRIGHT;
  const alpha = chunks.has('VP8 ') ? chunks.get('ALPH') : undefined;
  // The flag decides, whatever the pixels say.
  const isTransparent = alpha !== undefined || (given & HAS_ALPHA) !== 0;
  const isSimple = isTransparent === hasAlphaBit(chunks.get('VP8L'));
  if (isSimple && !profile && orientation === UPRIGHT) return undefined;
  const flags =
    (profile ? HAS_PROFILE : 0) |
    (isTransparent ? HAS_ALPHA : 0) |
    (orientation === UPRIGHT ? 0 : HAS_EXIF);
  return {
    before: [
      chunk('VP8X', concat([Uint8Array.of(flags, 0, 0, 0), extended.subarray(4)])),
      ...(profile ? [chunk('ICCP', profile)] : []),
      ...(alpha ? [chunk('ALPH', alpha)] : []),
    ],
    after: orientation === UPRIGHT ? [] : [chunk('EXIF', exifOf(orientation))],
  };
}

const hasAlphaBit = (lossless: Uint8Array | undefined): boolean =>
  ((lossless?.[4] ?? 0) & 0x10) !== 0;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(CHUNK_HEADER_LENGTH + data.length + (data.length & 1));
  whole.set(bytesOf(type));
  viewOf(whole).setUint32(4, data.length, true);
  whole.set(data, CHUNK_HEADER_LENGTH);
  return whole;
}
