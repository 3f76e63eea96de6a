import type { UnreadableValue } from '../../features/imports/source.ts';
import { parseTime, type TimeFormat } from './times.ts';

/** Reads the values of one row by their keys. A value that cannot be read is null, and is reported. */
export interface Cells<Key extends string = string> {
  /** Text, unchanged; null if it is empty. Whole numbers are text too. */
  string(key: Key): string | null;
  /** Milliseconds since 1970. */
  time(key: Key): number | null;
  /** Yes or no; null for an empty value. */
  flag(key: Key): boolean | null;
  /** Yes or no. An empty value is reported, because neither can be assumed. */
  statedFlag(key: Key): boolean | null;
  /** The same for a column of either flags or times. */
  flagOrTime(key: Key): boolean | number | null;
}

interface CellOptions {
  readonly times: TimeFormat;
  /** Returns the value of a key; undefined for one that the row should have and lacks. */
  readonly cellOf: (key: string) => unknown;
  readonly report: (value: UnreadableValue) => void;
}

/** A value that is neither null nor empty. */
type Scalar = string | number | bigint | boolean;

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0'].map((word) => [word, false] as const),
]);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Why a value cannot be read, as the end of a sentence. */
class UnreadableError extends Error {}

export function createCells({ times, cellOf, report }: CellOptions): Cells {
  /** Reads a value in a form of its own, or reports what it is not. */
  function read<T>(
    field: string,
    form: string,
    parse: (value: Scalar) => T | undefined,
    isNeeded = false,
  ): T | null {
    try {
      const value = scalarOf(cellOf(field));
      if (value === null && isNeeded) throw new UnreadableError(`is empty, and not ${form}`);
      if (value === null) return null;
      const parsed = parse(value);
      if (parsed === undefined) throw new UnreadableError(`is not ${form}`);
      return parsed;
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      report({ field, message: error.message });
      return null;
    }
  }

  return {
    string: (key) => read(key, 'text', textOf),
    time: (key) => read(key, 'a time', (value) => timeOf(value, times)),
    flag: (key) => read(key, 'yes or no', flagOf),
    statedFlag: (key) => read(key, 'yes or no', flagOf, true),
    flagOrTime: (key) =>
      read(key, 'yes, no or a time', (value) => flagOf(value) ?? timeOf(value, times)),
  };
}

/** Decodes bytes. Empty text is null. */
function scalarOf(value: unknown): Scalar | null {
  if (value === undefined) throw new UnreadableError('is missing');
  if (value === null || value === '') return null;
  if (typeof value === 'string') return checked(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return value;
  const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
  if (bytes instanceof Uint8Array) return checked(decode(bytes)) || null;
  throw new UnreadableError('is a list or an object');
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new UnreadableError('is not valid UTF-8');
  }
}

function checked(text: string): string {
  if (text.includes('\0')) throw new UnreadableError('contains a NUL character');
  if (!text.isWellFormed()) throw new UnreadableError('is not valid Unicode');
  return text;
}

function textOf(value: Scalar): string | undefined {
  if (typeof value === 'boolean') return undefined;
  // JSON.parse rounds larger numbers, and SQLite converts some texts to numbers with a fraction.
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new UnreadableError('is a number that cannot be read exactly');
  return String(value);
}

const flagOf = (value: Scalar): boolean | undefined => FLAGS.get(String(value).toLowerCase());

const timeOf = (value: Scalar, times: TimeFormat): number | undefined =>
  typeof value === 'boolean' ? undefined : parseTime(value, times);
