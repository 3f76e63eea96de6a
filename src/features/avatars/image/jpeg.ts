import type { Bytes } from '../../../core/crypto/bytes.ts';
import {
  BROKEN,
  type CleanImage,
  check,
  checkParts,
  checkProfile,
  concat,
  InvalidImage,
  nameAt,
  TRUNCATED,
  viewOf,
} from './image.ts';
import {
  addHuffman,
  addQuantization,
  componentsOf,
  createTables,
  type Frame,
  frameOf,
  setRestartInterval,
  type Tables,
} from './jpeg-tables.ts';
import { EXIF_NAME, namedExifOf, orientationOf, UPRIGHT } from './orientation.ts';

export const JPEG_SIGNATURE = '\xff\xd8\xff';

/** Codes of markers (ITU T.81, table B.1). */
const SOF0 = 0xc0;
const SOF2 = 0xc2;
const DHT = 0xc4;
/** Lossless, hierarchical and arithmetic-coded frames, and the tables of the last. */
const UNSUPPORTED = [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf];
const RST0 = 0xd0;
const RST7 = 0xd7;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;

/** Encoders write about 10. Each scan of a progressive image costs a decoder as much as a whole image. */
const MAX_SCANS = 100;

const JFIF_NAME = 'JFIF\0';
/** Up to the size of the thumbnail. */
const JFIF_LENGTH = 12;
const ADOBE_NAME = 'Adobe';
const ADOBE_LENGTH = 12;
const PROFILE_NAME = 'ICC_PROFILE\0';
const PROFILE_START = PROFILE_NAME.length + 2;

/** What is kept of the application segments. */
interface Application {
  jfif?: Uint8Array;
  orientation?: number;
  adobe?: Uint8Array;
  readonly profile: Uint8Array[];
}

/**
 * Removes metadata from a JPEG, and everything after its first image.
 *
 * @throws InvalidImage
 */
export function cleanJpeg(bytes: Bytes): CleanImage {
  const application: Application = { profile: [] };
  const tables = createTables();
  const body: Uint8Array[] = [];
  const shown = new Set<number>();
  let frame: Frame | undefined;
  let scans = 0;
  let segments = 0;
  for (let at = 2; ; ) {
    checkParts(++segments);
    const marker = readMarker(bytes, at);
    if (marker.code === EOI) break;
    const data = dataOf(bytes, marker.end);
    const end = marker.end + 2 + data.length;
    at = end;
    if (marker.code === SOS) {
      check(frame !== undefined && ++scans <= MAX_SCANS, BROKEN);
      for (const id of componentsOf(data, frame, tables)) shown.add(id);
      at = endOfScan(bytes, end, tables.restartInterval > 0);
    } else if (marker.code >= SOF0 && marker.code <= SOF2) {
      check(frame === undefined, BROKEN);
      frame = frameOf(data, marker.code === SOF2);
    } else if (UNSUPPORTED.includes(marker.code)) {
      throw new InvalidImage('this kind of JPEG is not supported');
    } else if (!addTables(tables, marker.code, data)) {
      if (scans === 0) addApplication(application, marker.code, data);
      check(marker.code === COM || (marker.code >= APP0 && marker.code <= APP15), BROKEN);
      continue;
    }
    body.push(bytes.subarray(marker.end - 2, at));
  }
  check(frame !== undefined && shown.size === frame.components.size, TRUNCATED);
  const { width, height } = frame;
  const clean = concat([
    Uint8Array.of(0xff, 0xd8),
    ...segmentsOf(application),
    ...body,
    Uint8Array.of(0xff, EOI),
  ]);
  return { type: 'image/jpeg', bytes: clean, width, height };
}

/** Reads a marker: any number of bytes FF, then its code. */
function readMarker(bytes: Bytes, start: number): { readonly code: number; readonly end: number } {
  check(start + 1 < bytes.length, TRUNCATED);
  check(bytes[start] === 0xff, BROKEN);
  let at = start;
  while (bytes[at] === 0xff) at++;
  const code = bytes[at];
  check(code !== undefined, TRUNCATED);
  return { code, end: at + 1 };
}

/** Returns the data of a segment whose length stands at a position. */
function dataOf(bytes: Bytes, at: number): Uint8Array {
  check(at + 2 <= bytes.length, TRUNCATED);
  const length = viewOf(bytes).getUint16(at);
  check(length >= 2, BROKEN);
  check(at + length <= bytes.length, TRUNCATED);
  return bytes.subarray(at + 2, at + length);
}

/** Returns the position where the compressed data of a scan ends: at the next marker that is no restart. */
function endOfScan(bytes: Bytes, start: number, hasRestarts: boolean): number {
  let restarts = 0;
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const first = at;
    while (bytes[at + 1] === 0xff) at++;
    const code = bytes[at + 1];
    // A zero follows a byte FF of the data.
    if (code === 0) continue;
    check(code !== undefined, TRUNCATED);
    if (code < RST0 || code > RST7) {
      check(first > start, BROKEN);
      return first;
    }
    check(hasRestarts && code === RST0 + (restarts++ & 7), BROKEN);
  }
  throw new InvalidImage(TRUNCATED);
}

/** Returns false if a segment contains no tables. */
function addTables(tables: Tables, code: number, data: Uint8Array): boolean {
  if (code === DQT) addQuantization(tables, data);
  else if (code === DHT) addHuffman(tables, data);
  else if (code === DRI) setRestartInterval(tables, data);
  else return false;
  return true;
}

const isNamed = (data: Uint8Array, name: string): boolean => nameAt(data, 0, name.length) === name;

/** Keeps what decides how the image looks. Decoders use the first orientation and the last colors of Adobe. */
function addApplication(application: Application, code: number, data: Uint8Array): void {
  if (code === APP0 && isNamed(data, JFIF_NAME) && data.length >= JFIF_LENGTH + 2) {
    application.jfif ??= data.subarray(0, JFIF_LENGTH);
  } else if (code === APP1 && isNamed(data, EXIF_NAME)) {
    application.orientation ??= orientationOf(data);
  } else if (code === APP2 && isNamed(data, PROFILE_NAME) && data.length > PROFILE_START) {
    application.profile.push(data);
  } else if (code === APP14 && isNamed(data, ADOBE_NAME) && data.length >= ADOBE_LENGTH) {
    application.adobe = data.subarray(0, ADOBE_LENGTH);
  }
}

/** Writes the application segments: JFIF without its thumbnail, EXIF, the color profile, Adobe's colors. */
function segmentsOf({ jfif, orientation = UPRIGHT, profile, adobe }: Application): Uint8Array[] {
  return [
    ...(jfif ? [segment(APP0, jfif, Uint8Array.of(0, 0))] : []),
    ...(orientation === UPRIGHT ? [] : [segment(APP1, namedExifOf(orientation))]),
    ...completeProfile(profile).map((part) => segment(APP2, part)),
    ...(adobe ? [segment(APP14, adobe)] : []),
  ];
}

/** Returns the parts of a color profile in their order; none if one is missing, since decoders then ignore the others. */
function completeProfile(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  checkProfile(parts.reduce((length, part) => length + part.length - PROFILE_START, 0));
  const numberOf = (part: Uint8Array): number => part[PROFILE_START - 2] ?? 0;
  const sorted = parts.toSorted((a, b) => numberOf(a) - numberOf(b));
  const isComplete = sorted.every(
    (part, index) => numberOf(part) === index + 1 && part[PROFILE_START - 1] === parts.length,
  );
  return isComplete ? sorted : [];
}

function segment(code: number, ...data: readonly Uint8Array[]): Uint8Array {
  const whole = concat([Uint8Array.of(0xff, code, 0, 0), ...data]);
  viewOf(whole).setUint16(2, whole.length - 2);
  return whole;
}
