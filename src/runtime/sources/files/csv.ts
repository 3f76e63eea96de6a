import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { CommandError } from '../../../core/errors.ts';
import { findColumns } from '../column.ts';
import type { RowSource } from '../row.ts';
import type { Shape } from '../shape.ts';
import { fileFailure } from './source-file.ts';
import { MAX_ROW_BYTES, openTextFile, type TextFile, valueOfLatin1 } from './text-file.ts';

interface CsvRecord {
  /** The line in which it begins. */
  readonly line: number;
  /** Its bytes as Latin-1, so that nothing is replaced. */
  readonly fields: readonly string[];
  /** The bytes of the file up to its end. */
  readonly done: number;
}

const NULL = '\\N';
/** What may be read beyond the last complete row, besides the row itself: the chunks that are on their way. */
const IN_FLIGHT_BYTES = 400_000;

/**
 * Opens a CSV file as RFC 4180 describes it, in UTF-8, with a header. Line breaks are CRLF or LF.
 *
 * A field that is exactly `\N` is NULL, as MySQL and phpMyAdmin write it.
 *
 * A row with another number of columns than the header is one that cannot be read. A misplaced quotation mark ends the
 * reading, because where the next row begins is unknown.
 *
 * @throws CommandError that names the file
 */
export async function openCsv(name: string, { columns }: Shape): Promise<RowSource> {
  const file = openTextFile(name);
  const header = await readHeader(file);
  const positions = findColumns(columns, header, file.path);

  return {
    unit: 'bytes',
    total: file.size,
    async *read() {
      let isHeader = true;
      for await (const { line, fields, done } of recordsOf(file)) {
        const isBlank = fields.length === 1 && fields[0] === '';
        if (!isHeader && !isBlank) {
          const place = `line ${line}`;
          if (fields.length === header.length) {
            const values = positions.map((at) =>
              at === undefined || fields[at] === NULL ? null : valueOfLatin1(fields[at] ?? ''),
            );
            yield { place, done, values };
          } else {
            const problem = `has ${fields.length} columns, and the header has ${header.length}`;
            yield { place, done, problem };
          }
        }
        isHeader = false;
      }
    },
    async close() {},
  };
}

async function readHeader(file: TextFile): Promise<string[]> {
  for await (const { fields } of recordsOf(file)) {
    const header = fields.map((field) => decodeName(field, file).trim());
    const [only = ''] = header;
    if (header.length === 1 && /[;\t|]/.test(only))
      throw new CommandError(`${file.path}: separate the columns by commas.`);
    return header;
  }
  throw new CommandError(`${file.path} has no header.`);
}

function decodeName(field: string, { path }: TextFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(field, 'latin1'));
  } catch {
    throw new CommandError(`${path}: the header is not in UTF-8.`);
  }
}

async function* recordsOf({ path, bom }: TextFile): AsyncGenerator<CsvRecord> {
  let [line, parsed] = [1, 0];
  /** Of the records that are parsed and not yet read. */
  const positions: Omit<CsvRecord, 'fields'>[] = [];
  const parser = parse({
    encoding: 'latin1',
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: MAX_ROW_BYTES,
    on_record(fields, { bytes }) {
      positions.push({ line, done: bom + bytes });
      parsed = bytes;
      // The parser's own count is wrong after a CRLF in a field.
      line += 1 + countLineFeeds(fields);
      return fields;
    },
  });
  const input = createReadStream(path, { start: bom });
  // Its errors arrive through the parser.
  pipeline(
    input,
    (chunks) => bounded(chunks, () => parsed),
    parser,
    () => {},
  );
  try {
    const records: AsyncIterable<readonly string[]> = parser;
    for await (const fields of records) {
      const position = positions.shift();
      if (position) yield { ...position, fields };
    }
  } catch (error) {
    throw csvFailure(path, line, error);
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** Ends a row that grows by its number of columns, which the parser itself does not bound. */
async function* bounded(
  chunks: AsyncIterable<Buffer>,
  parsed: () => number,
): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of chunks) {
    if (sent - parsed() > MAX_ROW_BYTES + IN_FLIGHT_BYTES) throw new TooLongError();
    sent += chunk.length;
    yield chunk;
  }
}

class TooLongError extends Error {
  readonly code = 'CSV_MAX_RECORD_SIZE';
}

/** The parser's own messages repeat values. */
function csvFailure(path: string, line: number, error: unknown): CommandError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const at = `${path}, line ${line}:`;
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return new CommandError(`${at} a quotation mark of this row is never closed.`);
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return new CommandError(
        `${at} this row has a misplaced quotation mark. A field with quotation marks is enclosed in them, and doubles them.`,
      );
    case 'CSV_MAX_RECORD_SIZE':
      return new CommandError(
        `${at} this row is longer than 1 MB. A quotation mark may be missing.`,
      );
    default:
      return fileFailure(path, error);
  }
}

function countLineFeeds(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields)
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  return count;
}
