import { expect, test } from 'vitest';
import { cleanImage } from '../../src/features/avatars/image/clean-image.ts';
import { AFTER_IHDR, type Bytes, insert, own, pngChunk, pngOf } from './parts.ts';

const PNG_SIZE = { color: 2, depth: 8, width: 4, height: 4 };
const png = pngOf(PNG_SIZE);
const palette = pngChunk('PLTE', '\0\0\0\x01\x01\x01');
const inColors = (...before: readonly Bytes[]) => pngOf(PNG_SIZE, { before });
const indexed = (...before: readonly Bytes[]) =>
  pngOf({ ...PNG_SIZE, color: 3, depth: 1 }, { before });

/** Replaces bytes. */
function patched(bytes: Bytes, at: number, ...values: readonly number[]): Bytes {
  const copy = own(bytes);
  copy.set(values, at);
  return copy;
}

const NAMES = ['PLTE', 'tRNS', 'gAMA', 'iCCP', 'tEXt', 'mDCV'];
test.each([
  ['a palette of gray', pngOf({ ...PNG_SIZE, color: 0 }, { before: [palette] })],
  ['transparency before the palette', indexed(pngChunk('tRNS', '\0'), palette)],
  ['transparency of too many colors', indexed(palette, pngChunk('tRNS', '\0\0\0'))],
  [
    'transparency beside alpha',
    pngOf({ ...PNG_SIZE, color: 6 }, { before: [pngChunk('tRNS', '\0\0\0\0\0\0')] }),
  ],
  ['a gamma of the wrong length', inColors(pngChunk('gAMA', '\0\0\0'))],
  ['a gamma after the palette', inColors(palette, pngChunk('gAMA', '\0\0\0\x01'))],
  ['a profile without a name', inColors(pngChunk('iCCP', '\0\0x'))],
  ['a profile with an endless name', inColors(pngChunk('iCCP', 'x'.repeat(99)))],
  [
    'a wrong checksum of a chunk that is dropped',
    patched(insert(png, AFTER_IHDR, pngChunk('tEXt', 'a\0b')), AFTER_IHDR + 8, 0x62),
  ],
  [
    'a gamma twice',
    inColors(pngChunk('gAMA', '\0\0\0\x01'), pngChunk('gAMA', '\0\0\0\x02')),
    ['gAMA'],
  ],
  ['a mastering display without cICP', inColors(pngChunk('mDCV', '\0'.repeat(24)))],
  [
    'a mastering display with cICP',
    inColors(pngChunk('cICP', '\x09\x10\0\x01'), pngChunk('mDCV', '\0'.repeat(24))),
    ['mDCV'],
  ],
])(
  'a PNG with %s is accepted, and keeps at most what decoders use',
  (name, bytes, kept = /palette|too many/.test(name) && !/of gray/.test(name) ? ['PLTE'] : []) => {
    const clean = Buffer.from(cleanImage(bytes).bytes).toString('latin1');
    expect(NAMES.filter((type) => clean.includes(type))).toEqual(kept);
  },
);
