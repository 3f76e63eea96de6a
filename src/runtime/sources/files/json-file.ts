import { readFileSync } from 'node:fs';
import { ArgumentError } from '../../../core/errors.ts';
import { fileFailure } from './source-file.ts';

const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Reads a JSON file. Its size must have been checked.
 *
 * @param problem says that it is not JSON
 * @throws ArgumentError with the problem; CommandError if the file cannot be read
 */
export function readJsonFile(path: string, problem: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileFailure(path, error);
  }
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ''));
  } catch {
    // The message of a syntax error repeats a part of the file.
    throw new ArgumentError(`${path} ${problem}.`);
  }
}
