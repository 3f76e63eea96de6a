import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { type Sample, xmpOf } from './corpus.ts';
import {
  AFTER_IHDR,
  type Bytes,
  exifData,
  insert,
  join,
  own,
  pngChunk,
  segment,
  webpChunk,
  webpChunks,
  webpOf,
} from './parts.ts';

export interface Dirt {
  readonly orientation: number;
  readonly order: 'II' | 'MM';
  /** ASCII, of at most 60 characters. */
  readonly secret: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** IPTC in the form of Photoshop: a city and a caption. */
const iptcOf = (secret: string): Bytes => {
  const record = (id: number) => join(Uint8Array.of(0x1c, 2, id, 0, secret.length), secret);
  const records = join(record(90), record(120));
  const length = Uint8Array.of(0, 0, 0, records.length);
  return join('Photoshop 3.0\0', '8BIM\x04\x04\0\0', length, records);
};

/** A Multi-Picture Format index, which announces a second image after the end of the first. */
const mpfOf = (secret: string): Bytes => segment(0xe2, 'MPF\0', 'MM\0*\0\0\0\x08', secret);

async function dirtyJpeg(file: Bytes, { orientation, order, secret }: Dirt): Promise<Bytes> {
  const thumbnail = join(
    'JFIF\0',
    '\x01\x02\0\0\x01\0\x01',
    Uint8Array.of(1, secret.length),
    secret.repeat(3),
  );
  const first = [
    segment(0xe0, thumbnail),
    segment(0xe0, 'JFXX\0\x10', secret),
    segment(0xe1, 'Exif\0\0', exifData(order, orientation, secret)),
    segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', xmpOf(secret)),
    mpfOf(secret),
    segment(0xed, iptcOf(secret)),
    segment(0xfe, secret),
    ...[0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xef].map((code) =>
      segment(code, secret),
    ),
    Uint8Array.of(0xff, 0xff),
  ];
  // The application segments of the sample itself follow, then its tables.
  const scan = Buffer.from(file).indexOf(Buffer.of(0xff, 0xda));
  const last = [segment(0xee, 'Other', secret), segment(0xfe, secret)];
  const inside = insert(insert(file, scan, ...last), 2, ...first);
  const second = await sharp(file)
    .withExif({ IFD0: { Artist: secret } })
    .jpeg()
    .toBuffer();
  return join(inside.subarray(0, -2), '\xff\xff\xff\xd9', second, secret);
}

function dirtyPng(file: Bytes, { orientation, order, secret }: Dirt): Bytes {
  const before = [
    pngChunk('eXIf', exifData(order, orientation, secret)),
    pngChunk('tEXt', join('Comment\0', secret)),
    pngChunk('zTXt', join('Raw profile type exif\0\0', deflateSync(secret))),
    pngChunk('iTXt', join('XML:com.adobe.xmp\0\0\0\0\0', xmpOf(secret))),
    pngChunk('tIME', '\x07\xea\x0c\x01\x0c\0\0'),
    pngChunk('seCr', secret),
  ];
  const end = file.length - 12;
  const after = [pngChunk('tEXt', join('Author\0', secret)), pngChunk('prVt', secret)];
  return join(insert(insert(file, end, ...after), AFTER_IHDR, ...before), secret);
}

function dirtyWebp(file: Bytes, size: Size, dirt: Dirt): Bytes {
  const { orientation, order, secret } = dirt;
  const all = webpChunks(file);
  const canvas = Buffer.alloc(10);
  canvas[0] = 0x0c | (size.hasAlpha ? 0x10 : 0);
  canvas.writeUIntLE(size.width - 1, 4, 3);
  canvas.writeUIntLE(size.height - 1, 7, 3);
  const pixels = all.filter(([type]) => type !== 'VP8X');
  const whole = webpOf(
    webpChunk('VP8X', canvas),
    webpChunk('SCRT', secret),
    // Without its flag, a profile does not exist.
    webpChunk('ICCP', secret),
    ...pixels.map(([type, data]) => webpChunk(type, data)),
    webpChunk('EXIF', exifData(order, orientation, secret)),
    webpChunk('XMP ', xmpOf(secret)),
    webpChunk('scrt', secret),
  );
  return join(whole, secret);
}

/** Adds metadata and other content at every place that a format has for it, each with the secret. */
export async function dirty({ name, type, bytes }: Sample, dirt: Dirt): Promise<Sample> {
  const { width, height, hasAlpha } = await sharp(bytes).metadata();
  const make = {
    'image/png': () => dirtyPng(bytes, dirt),
    'image/jpeg': () => dirtyJpeg(bytes, dirt),
    'image/webp': () => dirtyWebp(bytes, { width, height, hasAlpha }, dirt),
  };
  return { name: `${name}, dirty`, type, bytes: own(await make[type]()) };
}
