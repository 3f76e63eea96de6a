import type { InArgs, IntMode, InValue, Value } from '@libsql/client';

/** Arguments as the driver binds them: by position, or by name without the prefix. */
export type SqlArgs = unknown[] | Record<string, unknown>;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Converts arguments to values that the driver binds.
 *
 * @throws RangeError for NaN, an infinity or a bigint beyond 64 bits; TypeError for `undefined`
 */
export function toSqlArgs(args: InArgs, intMode: IntMode): SqlArgs {
  if (Array.isArray(args)) return args.map((value) => toSql(value, intMode));
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name.replace(/^[@$:]/, ''),
      toSql(value, intMode),
    ]),
  );
}

function toSql(value: InValue | undefined, intMode: IntMode): unknown {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new RangeError('Only finite numbers (not Infinity or NaN) can be passed as arguments');
    case 'bigint':
      if (value >= MIN_INT64 && value <= MAX_INT64) return value;
      throw new RangeError(
        'bigint is too large to be represented as a 64-bit integer and passed as argument',
      );
    case 'boolean':
      return fromInteger(value ? 1n : 0n, intMode);
    case 'undefined':
      throw new TypeError('undefined cannot be passed as argument to the database');
  }
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (value instanceof Date) return value.valueOf();
  return value;
}

/**
 * Converts a value of a row. The statement must return integers as bigints.
 *
 * @throws RangeError in mode `number`, for an integer that a number cannot represent exactly
 */
export function fromSql(value: unknown, intMode: IntMode): Value {
  if (typeof value === 'bigint') return fromInteger(value, intMode);
  if (value instanceof Uint8Array) return bufferOf(value);
  return value as null | string | number; // The driver returns nothing else.
}

function fromInteger(value: bigint, intMode: IntMode): Value {
  if (intMode === 'bigint') return value;
  if (intMode === 'string') return String(value);
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(
    'Received integer which cannot be safely represented as a JavaScript number',
  );
}

/** Returns the bytes in a buffer of their own, because small instances of `Buffer` may share one. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? buffer : new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}
