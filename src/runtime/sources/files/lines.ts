import { createReadStream } from 'node:fs';
import { fileFailure } from './source-file.ts';
import { MAX_ROW_BYTES, type TextFile } from './text-file.ts';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Its bytes as Latin-1, so that nothing is replaced, without the line break. Null if it is longer than 1 MB. */
  readonly text: string | null;
  /** The bytes of the file up to its end. */
  readonly done: number;
}

const LINE_FEED = 0x0a;

/**
 * Reads a file line by line. Lines end with LF or CRLF; the last one may end with the file.
 *
 * @throws CommandError that names the file
 */
export async function* linesOf({ path, bom }: TextFile): AsyncGenerator<Line> {
  let [number, done] = [0, bom];
  /** The chunks of a line that has not ended, unless it is too long. */
  let pending: Buffer[] = [];
  let length = 0;

  const add = (chunk: Buffer): void => {
    length += chunk.length;
    if (length <= MAX_ROW_BYTES) pending.push(chunk);
    else pending = [];
  };

  const end = (breakBytes: number): Line => {
    const text = length > MAX_ROW_BYTES ? null : withoutReturn(pending);
    number += 1;
    done += length + breakBytes;
    [pending, length] = [[], 0];
    return { number, text, done };
  };

  try {
    const chunks: AsyncIterable<Buffer> = createReadStream(path, { start: bom });
    for await (const chunk of chunks) {
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
        add(chunk.subarray(from, at));
        from = at + 1;
        yield end(1);
      }
      if (from < chunk.length) add(chunk.subarray(from));
    }
    if (length > 0) yield end(0);
  } catch (error) {
    throw fileFailure(path, error);
  }
}

function withoutReturn(chunks: readonly Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('latin1') ?? '';
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
