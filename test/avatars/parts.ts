// Builders for parts of image files, independent of the code under test.
import { crc32, deflateSync } from 'node:zlib';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

export type Bytes = Uint8Array<ArrayBuffer>;

/** Copies bytes into an `ArrayBuffer` of their own. */
export const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

export const join = (...parts: readonly (Uint8Array | string)[]): Bytes =>
  own(Buffer.concat(parts.map((part) => (typeof part === 'string' ? latin1(part) : part))));

/** Inserts bytes at a position. */
export const insert = (file: Uint8Array, at: number, ...parts: readonly Uint8Array[]): Bytes =>
  join(file.subarray(0, at), ...parts, file.subarray(at));

export function pngChunk(type: string, data: Uint8Array | string = ''): Bytes {
  const named = join(type, data);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(named.length - 4, 0);
  ends.writeUInt32BE(crc32(named), 4);
  return join(ends.subarray(0, 4), named, ends.subarray(4));
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A PNG of one color type and bit depth, whose pixels are a pattern. */
export function pngOf(
  { color, depth, width, height }: Readonly<Record<'color' | 'depth' | 'width' | 'height', number>>,
  { before = [], after = [] }: Readonly<Partial<Record<'before' | 'after', readonly Bytes[]>>> = {},
): Bytes {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, color], 8);
  const rowLength = 1 + Math.ceil((width * depth * (CHANNELS[color] ?? 0)) / 8);
  const rows = Buffer.alloc(rowLength * height);
  for (let at = 0; at < rows.length; at++) rows[at] = at % rowLength === 0 ? 0 : (at * 89) & 0xff;
  const pixels = deflateSync(rows);
  return join(
    '\x89PNG\r\n\x1a\n',
    pngChunk('IHDR', header),
    ...before,
    pngChunk('IDAT', pixels.subarray(0, 9)),
    pngChunk('IDAT', pixels.subarray(9)),
    ...after,
    pngChunk('IEND'),
  );
}

/** Where a PNG's header chunk ends. */
export const AFTER_IHDR = 33;

/** A segment of a JPEG. */
export function segment(code: number, ...data: readonly (Uint8Array | string)[]): Bytes {
  const whole = join(Uint8Array.of(0xff, code, 0, 0), ...data);
  new DataView(whole.buffer).setUint16(2, whole.length - 2);
  return whole;
}

export function webpChunk(type: string, data: Uint8Array | string): Bytes {
  const length = Buffer.alloc(4);
  const content = join(data);
  length.writeUInt32LE(content.length);
  return join(type, length, content, new Uint8Array(content.length & 1));
}

/** Appends chunks to a WebP. */
export function webpWith(file: Uint8Array, ...chunks: readonly Bytes[]): Bytes {
  const whole = join(file, ...chunks);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return whole;
}

/** A WebP of these chunks. */
export const webpOf = (...chunks: readonly Bytes[]): Bytes =>
  webpWith(join('RIFF', new Uint8Array(4), 'WEBP'), ...chunks);

/** The chunks of a WebP by type, with their data. */
export function webpChunks(file: Uint8Array): readonly (readonly [type: string, data: Buffer])[] {
  const bytes = Buffer.from(file);
  const chunks: [string, Buffer][] = [];
  for (let at = 12; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    chunks.push([bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, at + 8 + length)]);
    at += 8 + length + (length & 1);
  }
  return chunks;
}

/** The types of a PNG's chunks, in order. */
export function pngTypes(file: Uint8Array): readonly string[] {
  const bytes = Buffer.from(file);
  const types: string[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    types.push(bytes.toString('latin1', at + 4, at + 8));
  }
  return types;
}

/** The codes of a JPEG's segments up to the first scan, in order. */
export function jpegCodes(file: Uint8Array): readonly number[] {
  const bytes = Buffer.from(file);
  const codes: number[] = [];
  for (let at = 2; codes.at(-1) !== 0xda; at += 2 + bytes.readUInt16BE(at + 2)) {
    codes.push(bytes[at + 1] ?? 0);
  }
  return codes;
}

/** EXIF data in either byte order: a camera, a description, an orientation, and a place. */
export function exifData(order: 'II' | 'MM', orientation: number, text: string): Bytes {
  const isLittle = order === 'II';
  const data = Buffer.alloc(256);
  const u16 = (value: number, at: number) =>
    isLittle ? data.writeUInt16LE(value, at) : data.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    isLittle ? data.writeUInt32LE(value, at) : data.writeUInt32BE(value, at);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    u16(tag, at);
    u16(type, at + 2);
    u32(count, at + 4);
    if (type === 3) u16(value, at + 8);
    else u32(value, at + 8);
  };
  data.write(order, 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  u16(3, 8);
  entry(10, 0x010e, 2, text.length + 1, 160);
  entry(22, 0x0112, 3, 1, orientation);
  entry(34, 0x8825, 4, 1, 60);
  // The directory of GPS: N 51° 30' 0".
  u16(2, 60);
  entry(62, 0x0001, 2, 2, 0);
  data.write('N\0', 70, 'latin1');
  entry(74, 0x0002, 5, 3, 120);
  for (const [index, value] of [51, 1, 30, 1, 0, 1].entries()) u32(value, 120 + 4 * index);
  data.write(text, 160, 'latin1');
  return own(data);
}
