import type { Bytes } from '../../../core/crypto/bytes.ts';

export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

/** An image without metadata. */
export interface CleanImage {
  readonly type: ImageType;
  readonly bytes: Bytes;
  /** In pixels, before its orientation is applied. */
  readonly width: number;
  readonly height: number;
}

/** Maximum width and height, in pixels. */
export const MAX_SIDE = 4096;

/**
 * Maximum size of a color profile. Most profiles have a few kilobytes, those of printers up to 600 kB. What is inside a
 * profile is not checked.
 */
export const MAX_PROFILE_BYTES = 1_000_000;

/** Maximum number of chunks or segments. Encoders write a few hundred at most; each takes time to read. */
const MAX_PARTS = 10_000;

/** A file that is no image, or none that is accepted. The message has the reason, without anything from the file. */
export class InvalidImage extends Error {
  override readonly name = 'InvalidImage';
}

export const TRUNCATED = 'the file is truncated';
export const BROKEN = 'the file is damaged';
export const ANIMATED = 'the image is animated';

/** @throws InvalidImage unless the condition holds */
export function check(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new InvalidImage(reason);
}

/** Checks the dimensions that a header states. @throws InvalidImage */
export function checkSize(width: number, height: number): void {
  check(width > 0 && height > 0, BROKEN);
  check(
    width <= MAX_SIDE && height <= MAX_SIDE,
    `the image is larger than ${MAX_SIDE} × ${MAX_SIDE} pixels`,
  );
}

/** @throws InvalidImage */
export const checkProfile = (length: number): void =>
  check(length <= MAX_PROFILE_BYTES, 'the color profile is too large');

/** Checks how many chunks or segments a file has so far. @throws InvalidImage */
export const checkParts = (count: number): void =>
  check(count <= MAX_PARTS, 'the file has too many parts');

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Returns bytes as text, one character per byte. For short names. */
export const nameAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** Returns the bytes of a text with one character per byte. */
export const bytesOf = (name: string): Bytes =>
  Uint8Array.from(name, (character) => character.charCodeAt(0));

export function concat(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
