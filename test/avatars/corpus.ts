import sharp, { type Sharp } from 'sharp';
import { AFTER_IHDR, type Bytes, insert, join, own, pngChunk, pngOf, segment } from './parts.ts';

export interface Sample {
  readonly name: string;
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Bytes;
}

const WIDTH = 48;
const HEIGHT = 32;

/** A picture that looks different in each orientation. */
function picture(channels: 1 | 2 | 3 | 4, width = WIDTH, height = HEIGHT): Sharp {
  const pixels = new Uint8Array(width * height * channels);
  for (let at = 0; at < pixels.length; at++) {
    const pixel = Math.floor(at / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    pixels[at] = (x * 5 + y * 3 + (at % channels) * 60) & 0xff;
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

type Made = readonly [name: string, image: Sharp | Bytes];

const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** A PNG of every color type and bit depth, from a builder of its own. */
const everyPng: readonly Made[] = Object.entries(DEPTHS).flatMap(([color, depths]) =>
  depths.map((depth): Made => {
    const entries = new Uint8Array(3 * 2 ** depth).map((_, index) => index * 7);
    const before = color === '3' ? [pngChunk('PLTE', entries), pngChunk('tRNS', '\x40')] : [];
    const size = { color: Number(color), depth, width: 20, height: 9 };
    return [`color type ${color} of ${depth} bits`, pngOf(size, { before })];
  }),
);

const pngs = (): readonly Made[] => [
  ...everyPng,
  ['gray', picture(1).toColourspace('b-w').png()],
  ['gray and alpha', picture(2).toColourspace('b-w').png()],
  ['colors', picture(3).png()],
  ['colors and alpha', picture(4).png()],
  ['16 bits', picture(3).toColourspace('rgb16').png()],
  ['palette', picture(4).png({ palette: true })],
  ['two colors', picture(3).png({ palette: true, colours: 2 })],
  ['interlaced', picture(4).png({ progressive: true })],
  ['interlaced palette', picture(3).png({ palette: true, progressive: true })],
  ['one pixel', picture(3, 1, 1).png({ progressive: true })],
  [
    'transparent color',
    insert(
      pngOf({ color: 2, depth: 8, width: 9, height: 9 }),
      AFTER_IHDR,
      pngChunk('gAMA', '\0\0\xb1\x8f'),
      pngChunk('tRNS', '\0\x59\0\xb2\0\x0b'),
    ),
  ],
];

/** A JPEG whose two blocks are separated by a restart marker, made of one with a single block. */
async function withRestarts(): Promise<Bytes> {
  const one = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#777' } })
    .toColourspace('b-w')
    .jpeg()
    .toBuffer();
  const frame = one.indexOf(Buffer.of(0xff, 0xc0));
  const scan = one.indexOf(Buffer.of(0xff, 0xda));
  const data = scan + 2 + one.readUInt16BE(scan + 2);
  const block = one.subarray(data, -2);
  const taller = Buffer.from(one);
  taller.writeUInt16BE(16, frame + 5);
  return join(
    taller.subarray(0, scan),
    segment(0xdd, '\0\x01'),
    taller.subarray(scan, data),
    block,
    '\xff\xd0',
    block,
    '\xff\xd9',
  );
}

const jpegs = async (): Promise<readonly Made[]> => [
  ['baseline', picture(3).jpeg()],
  ['progressive', picture(3).jpeg({ progressive: true })],
  ['optimized scans', picture(3).jpeg({ mozjpeg: true })],
  ['full chroma', picture(3).jpeg({ chromaSubsampling: '4:4:4', quality: 100 })],
  ['gray', picture(1).toColourspace('b-w').jpeg()],
  ['progressive gray', picture(1).toColourspace('b-w').jpeg({ progressive: true })],
  ['four inks', picture(3).toColourspace('cmyk').jpeg()],
  ['progressive, four inks', picture(3).toColourspace('cmyk').jpeg({ progressive: true })],
  ['restart markers', await withRestarts()],
];

const webps = (): readonly Made[] => [
  ['lossy', picture(3).webp()],
  ['lossless', picture(3).webp({ lossless: true })],
  ['lossy and alpha', picture(4).webp()],
  ['lossless and alpha', picture(4).webp({ lossless: true })],
  ['nearly lossless', picture(4).webp({ nearLossless: true })],
  ['lossy, one pixel', picture(3, 1, 1).webp()],
  ['lossless, one pixel', picture(4, 1, 1).webp({ lossless: true })],
];

const bytesOf = async (image: Sharp | Bytes): Promise<Bytes> =>
  image instanceof Uint8Array ? image : own(await image.toBuffer());

/** Returns images of every kind, without metadata. */
export async function plainSamples(): Promise<readonly Sample[]> {
  const kinds = [
    ['image/png', pngs()],
    ['image/jpeg', await jpegs()],
    ['image/webp', webps()],
  ] as const;
  const samples = kinds.flatMap(([type, images]) =>
    images.map(async ([name, image]): Promise<Sample> => {
      return { name: `${type}, ${name}`, type, bytes: await bytesOf(image) };
    }),
  );
  return Promise.all(samples);
}

export const xmpOf = (text: string): string =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="${text}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** Adds a profile, an orientation, a place, and XMP, as libvips writes them. */
export async function tagged(
  { name, type, bytes }: Sample,
  { orientation, secret }: { readonly orientation: number; readonly secret: string },
): Promise<Sample> {
  const image = sharp(bytes)
    .withExif({
      IFD0: { Artist: secret, ImageDescription: secret },
      IFD2: { UserComment: secret },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '51/1 30/1 0/1',
        GPSLongitudeRef: 'W',
        GPSLongitude: '0/1 6/1 0/1',
        GPSAreaInformation: secret,
      },
    })
    .withXmp(xmpOf(secret))
    .withMetadata({ orientation });
  const written = {
    'image/png': () => image.png(),
    'image/jpeg': () => image.jpeg(),
    'image/webp': () => image.webp(),
  }[type]();
  return { name: `${name}, tagged`, type, bytes: own(await written.toBuffer()) };
}

/** An animation of two pictures. */
export async function animatedWebp(): Promise<Bytes> {
  const frames = [picture(3), picture(3).negate()].map((image) => image.png().toBuffer());
  return own(
    await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp()
      .toBuffer(),
  );
}
