import { z } from 'zod';
import { CommandError } from '../../../core/errors.ts';
import { findColumns, positionsOf } from '../column.ts';
import type { Row, RowSource } from '../row.ts';
import type { Shape } from '../shape.ts';
import { type Line, linesOf } from './lines.ts';
import { openTextFile, type TextFile } from './text-file.ts';

/** How many names of members an error can list. */
const MAX_NAMES = 1000;

const object = z.record(z.string(), z.unknown());
const utf8 = new TextDecoder('utf-8', { fatal: true });

type Parsed =
  | { readonly members: Readonly<Record<string, unknown>> }
  | { readonly problem: string };

/**
 * Opens a file of JSON objects, one a line. Programs leave out members that are null, so only the id must be in each.
 *
 * @throws CommandError that names the file, and a column that is in no line
 */
export async function openNdjson(name: string, { columns }: Shape): Promise<RowSource> {
  const file = openTextFile(name);
  if (/^\s*\[/.test(Buffer.from(file.start.subarray(file.bom)).toString('latin1')))
    throw new CommandError(
      `${file.path} is a JSON list. Write one object a line: jq -c '.[]' ${file.path} > users.ndjson`,
    );
  await requireColumns(file, columns);

  /** Objects mostly have the same members as the one before. */
  let [lastNames, lastPositions] = ['', positionsOf(columns, [])];

  function rowOf(line: Line): Row {
    const [place, done] = [`line ${line.number}`, line.done];
    const parsed = parse(line);
    if ('problem' in parsed) return { place, done, problem: parsed.problem };
    const names = Object.keys(parsed.members);
    const joined = JSON.stringify(names);
    if (joined !== lastNames) {
      lastNames = joined;
      lastPositions = positionsOf(columns, names);
    }
    const members = Object.values(parsed.members);
    const values = lastPositions.map((at) => (typeof at === 'number' ? members[at] : at));
    return { place, done, values };
  }

  return {
    unit: 'bytes',
    total: file.size,
    async *read() {
      for await (const line of linesOf(file)) if (!isBlank(line)) yield rowOf(line);
    },
    async close() {},
  };
}

/** Reads until each required column has been in a line: mostly one line, and all of them if one is missing. */
async function requireColumns(file: TextFile, columns: Shape['columns']): Promise<void> {
  const keys = Object.keys(columns);
  const missing = new Set(keys.filter((key) => columns[key]?.isRequired));
  const seen = new Set<string>();
  for await (const line of linesOf(file)) {
    const parsed = parse(line);
    if (!('members' in parsed)) continue;
    const names = Object.keys(parsed.members);
    for (const name of names) if (seen.size < MAX_NAMES) seen.add(name);
    for (const [index, at] of positionsOf(columns, names).entries())
      if (typeof at === 'number') missing.delete(keys[index] ?? '');
    if (missing.size === 0) return;
  }
  if (seen.size === 0) throw new CommandError(`${file.path} has no JSON object.`);
  findColumns(columns, [...seen], file.path);
}

function parse({ text }: Line): Parsed {
  if (text === null) return { problem: 'is longer than 1 MB' };
  let decoded: string;
  try {
    decoded = utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return { problem: 'is not valid UTF-8' };
  }
  try {
    const { success, data } = object.safeParse(JSON.parse(decoded));
    return success ? { members: data } : { problem: 'is not a JSON object' };
  } catch {
    return { problem: 'is not valid JSON' };
  }
}

const isBlank = ({ text }: Line): boolean => text !== null && text.trim() === '';
