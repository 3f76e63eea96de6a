import { BROKEN, check, checkSize, viewOf } from './image.ts';

/** Real images define fewer than 50. Bounds what can be hidden in tables that no scan uses. */
const MAX_TABLES = 1000;
const MAX_TABLE_ID = 3;
const SAMPLE_BITS = 8;
/** Blocks of one unit of an interleaved scan (ITU T.81, section B.2.3). */
const MAX_BLOCKS = 10;

/** The header of a frame (ITU T.81, section B.2.2). */
export interface Frame {
  readonly isProgressive: boolean;
  readonly width: number;
  readonly height: number;
  /** By their ids. */
  readonly components: ReadonlyMap<number, { readonly blocks: number; readonly table: number }>;
}

/** The tables defined so far. */
export interface Tables {
  readonly quantization: Set<number>;
  /** The class, 0 or 16, plus the id. */
  readonly huffman: Set<number>;
  restartInterval: number;
  count: number;
}

export const createTables = (): Tables => ({
  quantization: new Set(),
  huffman: new Set(),
  restartInterval: 0,
  count: 0,
});

/** @throws InvalidImage */
export function frameOf(data: Uint8Array, isProgressive: boolean): Frame {
  const count = data[5] ?? 0;
  check([1, 3, 4].includes(count) && data.length === 6 + 3 * count, BROKEN);
  check(data[0] === SAMPLE_BITS, 'the image has more than 8 bits per color');
  const view = viewOf(data);
  const [height, width] = [view.getUint16(1), view.getUint16(3)];
  checkSize(width, height);
  const components = new Map<number, { blocks: number; table: number }>();
  for (let at = 6; at < data.length; at += 3) {
    const [id = 0, sampling = 0, table = 0] = data.subarray(at, at + 3);
    const [across, down] = [sampling >> 4, sampling & 15];
    check(across >= 1 && across <= 4 && down >= 1 && down <= 4 && table <= MAX_TABLE_ID, BROKEN);
    components.set(id, { blocks: across * down, table });
  }
  check(components.size === count, BROKEN);
  return { isProgressive, width, height, components };
}

const countTable = (tables: Tables): void => check(++tables.count <= MAX_TABLES, BROKEN);

/** Reads `DQT`. @throws InvalidImage */
export function addQuantization(tables: Tables, data: Uint8Array): void {
  check(data.length > 0, BROKEN);
  for (let at = 0; at < data.length; ) {
    const [precision, id] = [(data[at] ?? 0) >> 4, (data[at] ?? 0) & 15];
    at += 1 + 64 * (precision + 1);
    check(precision <= 1 && id <= MAX_TABLE_ID && at <= data.length, BROKEN);
    tables.quantization.add(id);
    countTable(tables);
  }
}

/** Reads `DHT`. @throws InvalidImage */
export function addHuffman(tables: Tables, data: Uint8Array): void {
  check(data.length > 0, BROKEN);
  for (let at = 0; at < data.length; ) {
    const id = data[at] ?? 0;
    const codes = data.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    at += 17 + codes;
    check((id & ~16) <= MAX_TABLE_ID && codes <= 256 && at <= data.length, BROKEN);
    tables.huffman.add(id);
    countTable(tables);
  }
}

/** Reads `DRI`. @throws InvalidImage */
export function setRestartInterval(tables: Tables, data: Uint8Array): void {
  check(data.length === 2, BROKEN);
  tables.restartInterval = viewOf(data).getUint16(0);
  countTable(tables);
}

/**
 * Checks the header of a scan: its components, and that its tables are defined.
 *
 * @returns the components whose average values it contains
 * @throws InvalidImage
 */
export function componentsOf(data: Uint8Array, frame: Frame, tables: Tables): readonly number[] {
  const count = data[0] ?? 0;
  check(count >= 1 && count <= 4 && data.length === 4 + 2 * count, BROKEN);
  const [start = 0, end = 0, approximation = 0] = data.subarray(1 + 2 * count);
  if (frame.isProgressive) checkProgression(start, end, approximation, count);
  const needsDc = !frame.isProgressive || (start === 0 && approximation >> 4 === 0);
  const needsAc = !frame.isProgressive || start > 0;
  const ids = new Set<number>();
  let blocks = 0;
  for (let at = 1; at <= 2 * count; at += 2) {
    const [id = 0, table = 0] = data.subarray(at, at + 2);
    const component = frame.components.get(id);
    check(component !== undefined && tables.quantization.has(component.table), BROKEN);
    check(!needsDc || tables.huffman.has(table >> 4), BROKEN);
    check(!needsAc || tables.huffman.has(16 | (table & 15)), BROKEN);
    blocks += component.blocks;
    ids.add(id);
  }
  check(ids.size === count && (count === 1 || blocks <= MAX_BLOCKS), BROKEN);
  return start === 0 || !frame.isProgressive ? [...ids] : [];
}

/** Checks the part of the coefficients that a progressive scan contains (ITU T.81, section G.1.1). */
function checkProgression(start: number, end: number, approximation: number, count: number): void {
  const [high, low] = [approximation >> 4, approximation & 15];
  const isBand = start === 0 ? end === 0 : count === 1 && start <= end && end <= 63;
  check(isBand && low <= 13 && (high === 0 || high === low + 1), BROKEN);
}
