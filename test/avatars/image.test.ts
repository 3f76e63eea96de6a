import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import exifr from 'exifr';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CleanImage, cleanImage } from '../../src/features/avatars/image/clean-image.ts';
import { plainSamples, type Sample, tagged } from './corpus.ts';
import { dirty } from './dirty.ts';
import {
  AFTER_IHDR,
  insert,
  join,
  pngChunk,
  pngOf,
  pngTypes,
  segment,
  webpChunk,
  webpChunks,
  webpOf,
} from './parts.ts';

const SECRET = 'latchkey-secret-51.5,-0.1';

let plain: readonly Sample[];
let withTags: readonly Sample[];

beforeAll(async () => {
  plain = await plainSamples();
  withTags = await Promise.all(
    plain.map((sample, index) => tagged(sample, { orientation: 1 + (index % 8), secret: SECRET })),
  );
});

/** The pixels after rotation, as another decoder sees them. */
async function look(bytes: Uint8Array): Promise<unknown> {
  const { icc, width, height, channels, depth, space } = await sharp(bytes).metadata();
  const pixels = await sharp(bytes).autoOrient().raw().toBuffer();
  const digests = [icc ?? '', pixels].map((part) =>
    createHash('sha256').update(part).digest('hex'),
  );
  return { width, height, channels, depth, space, digests };
}

/** EXIF, XMP, IPTC and comments, as two other readers find them. */
async function metadataOf({ type, bytes }: CleanImage | Sample) {
  const { exif, xmp, iptc, comments, orientation = 1 } = await sharp(bytes).metadata();
  // Of WebP, exifr reads nothing but the EXIF data.
  const data = exif?.subarray(exif.indexOf('Exif\0\0') === 0 ? 6 : 0);
  const source = type === 'image/webp' ? data : Buffer.from(bytes);
  const options = { gps: true, xmp: true, iptc: true, jfif: true, ihdr: false, icc: false };
  const tags = source && (await exifr.parse(source, { ...options, translateValues: false }));
  return { xmp, iptc, comments, orientation, tags: tags ?? {} };
}

/** What remains may contain nothing but the orientation and the density of JFIF. */
const REMAINING = ['Orientation', 'JFIFVersion', 'ResolutionUnit', 'XResolution', 'YResolution'];
const ALSO = ['ThumbnailWidth', 'ThumbnailHeight'];

async function expectClean(sample: Sample): Promise<CleanImage> {
  const clean = cleanImage(sample.bytes);
  expect(clean.type).toBe(sample.type);
  const { width, height } = await sharp(sample.bytes).metadata();
  expect([clean.width, clean.height]).toEqual([width, height]);
  expect(Buffer.from(clean.bytes).includes(SECRET)).toBe(false);
  const { tags, orientation, ...others } = await metadataOf(clean);
  expect(others).toEqual({ xmp: undefined, iptc: undefined, comments: undefined });
  expect(Object.keys(tags).filter((tag) => ![...REMAINING, ...ALSO].includes(tag))).toEqual([]);
  expect([tags.ThumbnailWidth ?? 0, tags.ThumbnailHeight ?? 0]).toEqual([0, 0]);
  expect(orientation).toBe((await metadataOf(sample)).orientation);
  expect(tags.Orientation ?? 1).toBe(orientation);
  expect(await look(clean.bytes)).toEqual(await look(sample.bytes));
  expect(Buffer.compare(cleanImage(clean.bytes).bytes, clean.bytes)).toBe(0);
  return clean;
}

describe('[S80] the metadata of an image', () => {
  test('is in the samples, where it is looked for', async () => {
    for (const sample of withTags) {
      const { xmp, tags } = await metadataOf(sample);
      expect(xmp?.includes(SECRET)).toBe(true);
      expect(tags).toMatchObject({ Artist: SECRET, latitude: 51.5 });
    }
  });

  test('images without any look the same afterwards, and lose no color profile', async () => {
    expect(plain.length).toBeGreaterThan(40);
    for (const sample of plain) await expectClean(sample);
  });

  test('that libvips writes is removed, the profile and the orientation are not', async () => {
    for (const sample of withTags) {
      await expectClean(sample);
      const { icc } = await sharp(cleanImage(sample.bytes).bytes).metadata();
      expect(icc?.length).toBeGreaterThan(100);
    }
  });

  test('at every place that a format has for it is removed, in both byte orders', async () => {
    const dirt = fc.record({
      index: fc.nat(2 * plain.length - 1),
      orientation: fc.integer({ min: 1, max: 8 }),
      order: fc.constantFrom('II' as const, 'MM' as const),
    });
    await fc.assert(
      fc.asyncProperty(dirt, async ({ index, ...rest }) => {
        const sample = [...plain, ...withTags][index] as Sample;
        const hasTags = index >= plain.length;
        // A second EXIF chunk in a PNG or WebP would be an error.
        const base =
          hasTags && sample.type !== 'image/jpeg'
            ? (plain[index - plain.length] as Sample)
            : sample;
        const made = await dirty(base, { ...rest, secret: SECRET });
        expect((await metadataOf(made)).orientation).toBe(rest.orientation);
        await expectClean(made);
      }),
      { numRuns: 150 },
    );
  });

  test('every orientation outside 1 to 8 means upright', async () => {
    for (const [index, orientation] of [0, 9, 255, 65_535].entries()) {
      for (const sample of plain.filter((_, at) => at % 4 === index)) {
        const made = await dirty(sample, { orientation, order: 'II', secret: SECRET });
        const clean = cleanImage(made.bytes);
        expect((await sharp(clean.bytes).metadata()).orientation ?? 1).toBe(1);
        // The dirt on a JPEG has JFIF in front.
        const [head, ...rest] = sample.type === 'image/jpeg' ? [20, 2] : [0, 0];
        expect(clean.bytes.subarray(head)).toEqual(
          cleanImage(sample.bytes).bytes.subarray(...rest),
        );
      }
    }
  });

  test('a WebP whose flag denies the transparency of its pixels stays without it', async () => {
    const { bytes } = plain.find(({ name }) => name.endsWith('lossless and alpha')) as Sample;
    const pixels = webpChunks(bytes).find(([type]) => type === 'VP8L')?.[1] as Buffer;
    const canvas = Uint8Array.of(0, 0, 0, 0, 47, 0, 0, 31, 0, 0);
    const file = webpOf(webpChunk('VP8X', canvas), webpChunk('VP8L', pixels));
    expect((await sharp(file).metadata()).channels).toBe(3);
    const clean = await expectClean({ name: 'flag', type: 'image/webp', bytes: file });
    expect(webpChunks(clean.bytes).map(([type]) => type)).toEqual(['VP8X', 'VP8L']);
  });

  test('the name of a color profile is replaced', async () => {
    const icc = await sharp(withTags[0]?.bytes).metadata();
    const file = insert(
      pngOf({ color: 2, depth: 8, width: 4, height: 4 }),
      AFTER_IHDR,
      pngChunk('iCCP', join(SECRET, '\0\0', deflateSync(icc.icc ?? Buffer.alloc(0)))),
    );
    const clean = await expectClean({ name: 'profile', type: 'image/png', bytes: file });
    expect(pngTypes(clean.bytes)).toEqual(['IHDR', 'iCCP', 'IDAT', 'IDAT', 'IEND']);
  });

  test('the same color profile in several JPEG segments stays complete', async () => {
    const file = withTags.find(({ type }) => type === 'image/jpeg') as Sample;
    const { icc = Buffer.alloc(0) } = await sharp(file.bytes).metadata();
    const bare = cleanImage((plain.find(({ type }) => type === 'image/jpeg') as Sample).bytes);
    const half = icc.length >> 1;
    const parts = [icc.subarray(0, half), icc.subarray(half)].map((part, index) =>
      segment(0xe2, 'ICC_PROFILE\0', Uint8Array.of(index + 1, 2), part),
    );
    const split = insert(bare.bytes, 2, ...parts.toReversed());
    const clean = await expectClean({ name: 'two parts', type: 'image/jpeg', bytes: split });
    expect((await sharp(clean.bytes).metadata()).icc).toEqual(icc);
  });
});
