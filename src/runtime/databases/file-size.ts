import { statSync } from 'node:fs';

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** Returns the size of a file in bytes; 0 if it does not exist. */
export const sizeOf = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Formats a number of bytes for display, such as `1.5 MB`. */
export function formatSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
