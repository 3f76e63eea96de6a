import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

type Bytes = Uint8Array<ArrayBuffer>;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function chunk(type: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(content.length + 8);
  whole.writeUInt32BE(data.length, 0);
  content.copy(whole, 4);
  whole.writeUInt32BE(crc32(content), content.length + 4);
  return whole;
}

interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  /** Pictures of different seeds have different pixels. */
  readonly seed?: number;
  /** A comment, which the service removes. */
  readonly comment?: string;
  /** 0 makes the file about as long as its pixels: a byte each. */
  readonly level?: number;
}

/** Makes a gray PNG. */
export function png(options: PngOptions = {}): Bytes {
  const { width = 16, height = 16, seed = 1, comment, level = 9 } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      pixels[row * (width + 1) + 1 + column] = (row * 7 + column * 3 + seed * 31) & 255;
    }
  }
  return new Uint8Array(
    Buffer.concat([
      Buffer.from(SIGNATURE),
      chunk('IHDR', header),
      ...(comment === undefined
        ? []
        : [chunk('tEXt', Buffer.from(`Comment\0${comment}`, 'latin1'))]),
      chunk('IDAT', deflateSync(pixels, { level })),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

/** Makes a photo that has the place where it was taken, and its camera, and is to be shown upside down. */
export const photo = async (format: 'jpeg' | 'webp' | 'png', side = 64): Promise<Bytes> =>
  new Uint8Array(
    await sharp({ create: { width: side, height: side, channels: 3, background: '#3a7' } })
      .withMetadata({
        orientation: 3,
        exif: {
          IFD0: { Make: 'Secret Camera' },
          IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 51/1 30/1' },
        },
      })
      .toFormat(format)
      .toBuffer(),
  );
