import { ArgumentError } from '../../../core/errors.ts';
import {
  createResolutions,
  NO_DECISIONS,
  parseResolutions,
  type Resolutions,
} from '../../../features/imports/resolution.ts';
import { readJsonFile } from '../../sources/files/json-file.ts';
import { openSourceFile } from '../../sources/files/source-file.ts';

const MAX_BYTES = 10_000_000;

/**
 * Reads what becomes of accounts with clashes. Without a file, nothing is decided.
 *
 * @throws ArgumentError for a file whose content is not valid
 * @throws CommandError for one that cannot be read
 */
export function readResolutions(path: string | undefined): Resolutions {
  if (path === undefined) return createResolutions(NO_DECISIONS);
  const parsed = parseResolutions(jsonOf(path));
  if (!('problems' in parsed)) return createResolutions(parsed);
  const lines = parsed.problems.map((problem) => `  ${problem}`);
  throw new ArgumentError(`${path} is not valid:\n${lines.join('\n')}`);
}

function jsonOf(name: string): unknown {
  const { path, size } = openSourceFile(name);
  if (size > MAX_BYTES) throw new ArgumentError(`${path} is larger than 10 MB.`);
  return readJsonFile(path, 'is not JSON');
}
