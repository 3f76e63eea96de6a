import { readFileSync, statSync } from 'node:fs';
import { describeError } from '../../../core/db/database.ts';
import { CommandError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';
import {
  createResolutions,
  parseResolutions,
  type Resolutions,
} from '../../../features/imports/resolution.ts';

const MAX_BYTES = 10_000_000;
const BYTE_ORDER_MARK = /^\uFEFF/;

/** Reads what becomes of accounts with clashes. Without a file, nothing is decided. @throws CommandError */
export function readResolutions(path: string | undefined): Resolutions {
  if (path === undefined) return createResolutions(new Map());
  const parsed = parseResolutions(jsonOf(path));
  if (!('problems' in parsed)) return createResolutions(parsed);
  const lines = parsed.problems.map((problem) => `  ${printable(problem)}`);
  throw new CommandError(`${path} is not valid:\n${lines.join('\n')}`);
}

function jsonOf(path: string): unknown {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new CommandError(`${path} is larger than 10 MB.`);
    return JSON.parse(readFileSync(path, 'utf8').replace(BYTE_ORDER_MARK, ''));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    // The message of a syntax error repeats a part of the file.
    const reason = error instanceof SyntaxError ? 'it is not JSON' : describeError(error);
    throw new CommandError(`${path} cannot be read: ${reason}.`);
  }
}
