import { AppError } from '../../core/errors.ts';
import { type ReadAsset, textOf } from '../../core/ports.ts';

/** Below `public/`, which no route serves as it is. `scripts/common-passwords.ts` generates it. */
export const COMMON_PASSWORDS_FILE = 'passwords/common.txt';
/** How many passwords the file lists. Another number means that it is not ours, or not all of it. */
export const COMMON_PASSWORDS_COUNT = 12_000;

export interface CommonPasswords {
  /**
   * True if the password is on the bundled list of common ones.
   *
   * @param folded the password, letter case folded
   * @throws AppError `misconfigured` where the list cannot be read
   */
  has(folded: string): Promise<boolean>;
}

/**
 * The list is read when the first password is set and then kept, since it never changes while the program runs.
 * A read that fails is tried again with the next password.
 */
export function createCommonPasswords(readAsset: ReadAsset): CommonPasswords {
  /** Kept as a value. On Workers a promise of an aborted request never ends. */
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
    if (!asset) throw new Error('there is no such file');
    const list = parse(await textOf(asset));
    if (list.size === COMMON_PASSWORDS_COUNT) return list;
    throw new Error(`it lists ${list.size} passwords instead of ${COMMON_PASSWORDS_COUNT}`);
  } catch (error) {
    const cause = new Error(`cannot read public/${COMMON_PASSWORDS_FILE}`, { cause: error });
    throw new AppError('misconfigured', { cause });
  }
}

/** One password a line, behind a header that ends with an empty line. */
function parse(text: string): ReadonlySet<string> {
  const lines = text.trimEnd().split(/\r?\n/);
  return new Set(lines.slice(lines.indexOf('') + 1));
}
