import { AppError } from '../../core/errors.ts';
import { type ReadAsset, textOf } from '../../core/ports.ts';

/** Path below `public/`. No route serves the file. `scripts/common-passwords.ts` generates it. */
export const COMMON_PASSWORDS_FILE = 'passwords/common.txt';
/** Number of passwords in the file. If the number differs, the file is truncated or is not the generated one. */
export const COMMON_PASSWORDS_COUNT = 12_000;

export interface CommonPasswords {
  /**
   * True if the password is on the bundled list of common ones.
   *
   * @param folded the password, case-folded
   * @throws AppError `misconfigured` if the list cannot be read
   */
  has(folded: string): Promise<boolean>;
}

/**
 * Reads the list at the first check and caches it: the file never changes while the process runs. A failed read
 * is retried at the next check.
 */
export function createCommonPasswords(readAsset: ReadAsset): CommonPasswords {
  /** The list itself, not its promise: on Workers, a promise that belongs to an aborted request never settles. */
  let list: ReadonlySet<string> | undefined;

  return {
    async has(folded) {
      list ??= await readList(readAsset);
      return list.has(folded);
    },
  };
}

async function readList(readAsset: ReadAsset): Promise<ReadonlySet<string>> {
  try {
    const asset = await readAsset(COMMON_PASSWORDS_FILE);
    if (!asset) throw new Error('file not found');
    const list = parse(await textOf(asset));
    if (list.size === COMMON_PASSWORDS_COUNT) return list;
    throw new Error(`expected ${COMMON_PASSWORDS_COUNT} passwords, found ${list.size}`);
  } catch (error) {
    const cause = new Error(`cannot read public/${COMMON_PASSWORDS_FILE}`, { cause: error });
    throw new AppError('misconfigured', { cause });
  }
}

/** Parses a file with one password per line, after a header that ends with an empty line. */
function parse(text: string): ReadonlySet<string> {
  const lines = text.trimEnd().split(/\r?\n/);
  return new Set(lines.slice(lines.indexOf('') + 1));
}
