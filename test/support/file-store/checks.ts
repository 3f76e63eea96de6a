// What every file store must do. Runs on every runtime, so it uses no test framework.
import { MAX_FILE_BYTES } from '../../../src/core/files.ts';
import type { FileStore } from '../../../src/core/ports.ts';

const file = (...bytes: readonly number[]) => ({
  type: 'image/png',
  bytes: Uint8Array.from(bytes),
});

const shown = (bytes: Uint8Array | undefined): string => (bytes ? [...bytes].join() : 'none');

function expectSame(found: string, wanted: string): void {
  if (found !== wanted)
    throw new Error(`${found.slice(0, 100)} instead of ${wanted.slice(0, 100)}`);
}

async function expectRangeError(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (error instanceof RangeError) return;
    throw error;
  }
  throw new Error('accepted');
}

const ODD_KEYS = [
  '',
  'x'.repeat(101),
  'a/b',
  '..',
  '.drafts',
  'a.b',
  'a b',
  'a%2fb',
  'ä',
  'a\0',
  'a\n',
  'a?b',
];
const GOOD_KEYS = ['a', '-', '_', '--', '-rf', 'x'.repeat(100), '0', 'Zz09-_', 'constructor'];

type Check = (store: FileStore) => Promise<void>;

/** By title. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'a missing file is undefined, and can be deleted': async (store) => {
    expectSame(shown(await store.get('missing')), 'none');
    await store.delete('missing');
  },

  'a file is returned as it was stored, until it is deleted': async (store) => {
    await store.put('whole', file(0, 255, 13, 10, 0));
    expectSame(shown(await store.get('whole')), '0,255,13,10,0');
    await store.delete('whole');
    expectSame(shown(await store.get('whole')), 'none');
    await store.delete('whole');
  },

  'a file replaces one with the same key, a longer one too': async (store) => {
    for (const bytes of [[1, 2, 3], [4], [5, 6]]) {
      await store.put('same', file(...bytes));
      expectSame(shown(await store.get('same')), bytes.join());
    }
  },

  'an empty file is a file': async (store) => {
    await store.put('empty', file());
    expectSame(String((await store.get('empty'))?.length), '0');
  },

  'the bytes of a view of a larger buffer are stored, and no others': async (store) => {
    await store.put('view', { type: 'image/png', bytes: Uint8Array.of(1, 2, 3, 4).subarray(1, 3) });
    expectSame(shown(await store.get('view')), '2,3');
  },

  'a file may have 5 MB, and not a byte more': async (store) => {
    const bytes = new Uint8Array(MAX_FILE_BYTES).map((_, index) => index % 251);
    await store.put('large', { type: 'image/webp', bytes });
    const found = await store.get('large');
    expectSame(String(found?.length), String(MAX_FILE_BYTES));
    if (!found?.every((byte, index) => byte === bytes[index])) throw new Error('other bytes');
    const longer = { type: 'image/webp', bytes: new Uint8Array(MAX_FILE_BYTES + 1) };
    await expectRangeError(() => store.put('longer', longer));
    expectSame(shown(await store.get('longer')), 'none');
  },

  'keys of every allowed form are different files': async (store) => {
    for (const [index, key] of GOOD_KEYS.entries()) await store.put(key, file(index));
    for (const [index, key] of GOOD_KEYS.entries()) {
      expectSame(shown(await store.get(key)), String(index));
    }
    for (const key of GOOD_KEYS) await store.delete(key);
  },

  'any other key is a RangeError': async (store) => {
    for (const key of ODD_KEYS) {
      await expectRangeError(() => store.put(key, file(1)));
      await expectRangeError(() => store.get(key));
      await expectRangeError(() => store.delete(key));
    }
  },

  'of concurrent writes with one key, one is stored whole': async (store) => {
    const made = Array.from({ length: 8 }, (_, index) => new Uint8Array(20_000).fill(index));
    await Promise.all(made.map((bytes) => store.put('raced', { type: 'image/png', bytes })));
    const found = (await store.get('raced')) ?? new Uint8Array();
    expectSame(String(found.length), '20000');
    if (found.some((byte) => byte !== found[0])) throw new Error('mixed');
  },
};

/** Runs every check. Returns its outcome by title: `ok`, or the error. */
export async function outcomesOf(store: FileStore): Promise<Readonly<Record<string, string>>> {
  const outcomes: Record<string, string> = {};
  for (const [title, check] of Object.entries(CHECKS)) {
    outcomes[title] = await check(store).then(
      () => 'ok',
      (error: unknown) => String(error),
    );
  }
  return outcomes;
}
