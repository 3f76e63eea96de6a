import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cleanImage,
  InvalidImage,
  MAX_IMAGE_BYTES,
} from '../../src/features/avatars/image/clean-image.ts';
import { animatedWebp, plainSamples, type Sample, tagged } from './corpus.ts';
import {
  AFTER_IHDR,
  type Bytes,
  insert,
  join,
  own,
  pngChunk,
  pngOf,
  segment,
  webpChunk,
  webpChunks,
  webpOf,
} from './parts.ts';

let plain: readonly Sample[];
let samples: readonly Sample[];
let jpeg: Bytes;
let webp: Bytes;
const PNG_SIZE = { color: 2, depth: 8, width: 4, height: 4 };
const png = pngOf(PNG_SIZE);

beforeAll(async () => {
  plain = await plainSamples();
  const tags = plain.map((sample) => tagged(sample, { orientation: 6, secret: 'secret' }));
  samples = [...plain, ...(await Promise.all(tags))];
  const named = (name: string) => plain.find((sample) => sample.name === name) as Sample;
  jpeg = named('image/jpeg, baseline').bytes;
  webp = named('image/webp, lossy').bytes;
});

/** The reason why an image is rejected; `undefined` if it is accepted. Fails on any other error. */
function reasonOf(bytes: Bytes): string | undefined {
  try {
    cleanImage(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidImage) return error.message;
    throw error;
  }
}

const TRUNCATED = 'the file is truncated';
const BROKEN = 'the file is damaged';
const ANIMATED = 'the image is animated';
const TOO_LARGE = 'the image is larger than 4096 × 4096 pixels';
const FOREIGN = 'the file is not a PNG, JPEG or WebP image';

/** Replaces bytes. */
function patched(bytes: Bytes, at: number, ...values: readonly number[]): Bytes {
  const copy = own(bytes);
  copy.set(values, at);
  return copy;
}

/** The position after the first occurrence of some bytes. */
const endOf = (bytes: Bytes, ...values: readonly number[]): number =>
  Buffer.from(bytes).indexOf(Buffer.from(values)) + values.length;

describe('[S81] a file that is not a whole image', () => {
  test.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a page', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['a GIF', 'GIF89a\x01\0\x01\0\0\0\0;'],
    ['an AVIF', '\0\0\0\x20ftypavif'],
    ['a sound', 'RIFF\x04\0\0\0WAVE'],
    ['a page behind a comment', 'II*\0\x08\0\0\0'],
  ])('%s is rejected by its first bytes', (_, text) => {
    expect(reasonOf(join(text))).toBe(FOREIGN);
  });

  test('every beginning of every sample is rejected', () => {
    for (const { bytes } of plain) {
      const whole = cleanImage(bytes).bytes;
      const reasons = Array.from(whole, (_, length) => reasonOf(whole.slice(0, length)));
      expect([...new Set(reasons)].toSorted()).toEqual([TRUNCATED, FOREIGN].toSorted());
    }
  });

  test('an animated PNG or WebP is rejected', async () => {
    expect(reasonOf(await animatedWebp())).toBe(ANIMATED);
    for (const type of ['acTL', 'fcTL', 'fdAT']) {
      expect(reasonOf(insert(png, AFTER_IHDR, pngChunk(type, '\0\0\0\x01\0\0\0\0')))).toBe(
        ANIMATED,
      );
    }
    const [, pixels] = webpChunks(webp)[0] ?? [];
    const canvas = Uint8Array.of(2, 0, 0, 0, 47, 0, 0, 31, 0, 0);
    const image = webpChunk('VP8 ', pixels ?? '');
    expect(reasonOf(webpOf(webpChunk('VP8X', canvas), image))).toBe(ANIMATED);
    expect(reasonOf(webpOf(image, webpChunk('ANIM', '\0\0\0\0\0\0')))).toBe(ANIMATED);
    expect(reasonOf(webpOf(image, webpChunk('ANMF', '')))).toBe(ANIMATED);
  });

  test('more than 4096 pixels on a side are rejected by the header, without the pixels', () => {
    const sized = (width: number, height: number) => pngOf({ ...PNG_SIZE, width, height });
    expect(reasonOf(sized(4096, 1))).toBeUndefined();
    expect(reasonOf(sized(1, 4096))).toBeUndefined();
    expect(reasonOf(sized(4097, 1))).toBe(TOO_LARGE);
    expect(reasonOf(sized(1, 4097))).toBe(TOO_LARGE);
    const sides = endOf(jpeg, 0xff, 0xc0) + 3;
    expect(reasonOf(patched(jpeg, sides, 0x10, 0, 0x10, 0))).toBeUndefined();
    expect(reasonOf(patched(jpeg, sides, 0x10, 1))).toBe(TOO_LARGE);
    expect(reasonOf(patched(jpeg, sides + 2, 0xff, 0xff))).toBe(TOO_LARGE);
    expect(reasonOf(patched(webp, 26, 0, 0x10, 0, 0x10))).toBeUndefined();
    expect(reasonOf(patched(webp, 26, 1, 0x10))).toBe(TOO_LARGE);
    expect(reasonOf(patched(webp, 28, 0xff, 0x3f))).toBe(TOO_LARGE);
  });

  test('a side of 0 pixels is rejected', () => {
    const sides = endOf(jpeg, 0xff, 0xc0) + 3;
    expect(reasonOf(patched(jpeg, sides, 0, 0))).toBe(BROKEN);
    expect(reasonOf(patched(jpeg, sides + 2, 0, 0))).toBe(BROKEN);
    expect(reasonOf(patched(webp, 26, 0, 0))).toBe(BROKEN);
    expect(reasonOf(pngOf({ ...PNG_SIZE, width: 0 }))).toBe(BROKEN);
  });

  test('more than 5 MB are rejected, exactly 5 MB are not', () => {
    const rest = MAX_IMAGE_BYTES - jpeg.length;
    expect(reasonOf(join(jpeg, new Uint8Array(rest)))).toBeUndefined();
    expect(reasonOf(join(jpeg, new Uint8Array(rest + 1)))).toBe(
      'the file has more than 5000000 bytes',
    );
  });

  const palette = pngChunk('PLTE', '\0\0\0\x01\x01\x01');
  const inColors = (...before: readonly Bytes[]) => pngOf(PNG_SIZE, { before });
  const indexed = (...before: readonly Bytes[]) =>
    pngOf({ ...PNG_SIZE, color: 3, depth: 1 }, { before });
  test.each([
    ['no palette', indexed()],
    ['a palette that is too long', indexed(pngChunk('PLTE', '\0'.repeat(9)))],
    ['half a color in the palette', indexed(pngChunk('PLTE', '\0\0\0\0'))],
    ['an empty palette', indexed(pngChunk('PLTE'))],
    ['two palettes', inColors(palette, palette)],
    ['a palette after the pixels', pngOf(PNG_SIZE, { after: [palette] })],
    ['color type 5', pngOf({ ...PNG_SIZE, color: 5 })],
    ['12 bits', pngOf({ ...PNG_SIZE, depth: 12 })],
    ['an unknown critical chunk', inColors(pngChunk('ABCD', ''))],
    ['a chunk without a name', inColors(pngChunk('\0\0\0\0', ''))],
    [
      'pixels in two places',
      pngOf(PNG_SIZE, { after: [pngChunk('tEXt', 'a\0b'), pngChunk('IDAT', 'x')] }),
    ],
    [
      'pixels that are not compressed',
      join(png.subarray(0, AFTER_IHDR), pngChunk('IDAT', 'pixels'), pngChunk('IEND')),
    ],
    ['no pixels', join(png.subarray(0, AFTER_IHDR), pngChunk('IEND'))],
    ['no header', join(png.subarray(0, 8), png.subarray(AFTER_IHDR))],
    ['two headers', insert(png, AFTER_IHDR, png.subarray(8, AFTER_IHDR))],
    ['a wrong checksum', patched(png, 30, 1)],
  ])('a PNG with %s is rejected', (_, bytes) => {
    expect(reasonOf(bytes)).toBe(BROKEN);
  });

  test('a PNG that hides data after its pixels is rejected if it is longer than they can be', () => {
    const file = pngOf(PNG_SIZE, { before: [] });
    const longer = insert(file, file.length - 12, pngChunk('IDAT', 'x'.repeat(2000)));
    expect(reasonOf(longer)).toBe('the file contains more than an image');
  });

  test('a JPEG with a segment missing, twice, or of another kind is rejected', () => {
    const codes = [0xc0, 0xc4, 0xda, 0xdb];
    for (const code of codes) {
      const start = endOf(jpeg, 0xff, code) - 2;
      const length = 2 + Buffer.from(jpeg).readUInt16BE(start + 2);
      const without = join(jpeg.subarray(0, start), jpeg.subarray(start + length));
      expect([code, reasonOf(without)]).not.toEqual([code, undefined]);
    }
    const frame = endOf(jpeg, 0xff, 0xc0) - 2;
    expect(reasonOf(insert(jpeg, frame, jpeg.subarray(frame, frame + 19)))).toBe(BROKEN);
    // Lossless, hierarchical, arithmetic, and reserved kinds.
    for (const code of [0xc3, 0xc5, 0xc9, 0xcc]) {
      expect(reasonOf(patched(jpeg, frame + 1, code))).toBe('this kind of JPEG is not supported');
    }
    for (const code of [0xdc, 0xde, 0xf0, 0x02, 0xd8, 0xd0]) {
      expect(reasonOf(patched(jpeg, frame + 1, code))).toBe(BROKEN);
    }
    expect(reasonOf(patched(jpeg, frame + 4, 12))).toBe('the image has more than 8 bits per color');
    expect(reasonOf(insert(jpeg, frame, Uint8Array.of(0)))).toBe(BROKEN);
    expect(reasonOf(insert(jpeg, frame, Uint8Array.of(0xff, 0xfe, 0, 1)))).toBe(BROKEN);
    expect(reasonOf(insert(jpeg, jpeg.length - 2, Uint8Array.of(0xff, 0xd0)))).toBe(BROKEN);
  });

  test('a JPEG with more scans than encoders write is rejected', () => {
    const { bytes } = samples.find(({ name }) => name === 'image/jpeg, progressive') as Sample;
    const start = Buffer.from(bytes).lastIndexOf(Buffer.of(0xff, 0xda));
    const scan = bytes.subarray(start, -2);
    const withScans = (count: number) =>
      insert(bytes, bytes.length - 2, ...Array.from({ length: count }, () => scan));
    expect(reasonOf(withScans(50))).toBeUndefined();
    expect(reasonOf(withScans(100))).toBe(BROKEN);
  });

  test('a JPEG with more tables than encoders write is rejected', () => {
    const tables = segment(0xdb, ...Array.from({ length: 200 }, () => new Uint8Array(65)));
    expect(reasonOf(insert(jpeg, 2, tables))).toBeUndefined();
    expect(reasonOf(insert(jpeg, 2, ...Array.from({ length: 5 }, () => tables)))).toBe(BROKEN);
  });

  test('a color profile of more than 1 MB is rejected', () => {
    const part = new Uint8Array(65_000);
    const parts = Array.from({ length: 16 }, (_, index) =>
      segment(0xe2, 'ICC_PROFILE\0', Uint8Array.of(index + 1, 16), part),
    );
    expect(reasonOf(insert(jpeg, 2, ...parts))).toBe('the color profile is too large');
    const chunk = pngChunk('iCCP', join('x\0\0', new Uint8Array(1_000_000)));
    expect(reasonOf(insert(png, AFTER_IHDR, chunk))).toBe('the color profile is too large');
  });

  test('an incomplete color profile of a JPEG is removed', () => {
    const part = segment(0xe2, 'ICC_PROFILE\0', Uint8Array.of(1, 2), new Uint8Array(200));
    expect(cleanImage(insert(jpeg, 2, part)).bytes).toEqual(cleanImage(jpeg).bytes);
  });

  test('a WebP whose chunks contradict each other is rejected', () => {
    const image = webp.subarray(12);
    const canvas = (width: number, height: number) =>
      webpChunk('VP8X', Uint8Array.of(0, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0));
    expect(reasonOf(webpOf(canvas(48, 32), own(image)))).toBeUndefined();
    const broken = [
      webpOf(canvas(49, 32), own(image)),
      webpOf(canvas(48, 33), own(image)),
      webpOf(canvas(48, 32)),
      webpOf(own(image), own(image)),
      webpOf(webpChunk('EXIF', ''), own(image)),
      webpOf(webpChunk('VP8X', ''), own(image)),
      webpOf(canvas(48, 32), canvas(48, 32), own(image)),
      webpOf(canvas(48, 32), webpChunk('ALPH', 'a'), webpChunk('ALPH', 'a'), own(image)),
      webpOf(own(image), join('EXIF\xff\xff\xff\xff')),
      patched(webp, 20, (webp[20] ?? 0) | 1),
      patched(webp, 22, 0xff),
      patched(webp, 23, 0),
      webpOf(webpChunk('VP8L', '\x2e\0\0\0\0\0')),
      webpOf(webpChunk('VP8L', '\x2f\0\0\0\xe0\0')),
      webpOf(webpChunk('VP8L', '\x2f')),
      webpOf(),
    ];
    expect(broken.map(reasonOf)).toEqual(broken.map(() => BROKEN));
  });

  test('no change of bytes has another result than an image or InvalidImage', () => {
    const change = fc.record({
      at: fc.nat(),
      removed: fc.nat(4),
      added: fc.uint8Array({ maxLength: 4 }),
    });
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    let accepted = 0;
    fc.assert(
      fc.property(fc.nat(samples.length - 1), changes, (index, edits) => {
        let bytes = (samples[index] as Sample).bytes;
        for (const { at, removed, added } of edits) {
          const start = at % bytes.length;
          bytes = join(bytes.subarray(0, start), added, bytes.subarray(start + removed));
        }
        if (reasonOf(bytes) !== undefined) return;
        accepted++;
        const clean = cleanImage(bytes);
        expect(Buffer.compare(cleanImage(clean.bytes).bytes, clean.bytes)).toBe(0);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('neither has anything behind the first bytes of a format', () => {
    const starts = ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff', 'RIFF\x20\0\0\0WEBP'];
    const start = fc.constantFrom(...starts);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 64 }), (first, rest) => {
        expect(reasonOf(join(first, rest))).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });
});
