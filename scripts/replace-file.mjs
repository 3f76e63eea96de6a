import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * Replaces a file atomically, unless it is already correct: a server may be reading it, or a build may be interrupted.
 */
export async function replaceFile(path, bytes) {
  const old = await readFile(path).catch(() => undefined);
  if (old?.equals(bytes)) return;
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}
