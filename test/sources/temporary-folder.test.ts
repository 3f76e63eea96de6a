import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openSourceIndex } from '../../src/runtime/commands/import/source-index.ts';
import { createTemporaryFolder } from '../../src/runtime/ports/temporary-folder.ts';
import { emptyFolder } from '../support/server.ts';

afterEach(() => void vi.unstubAllEnvs());

test('a folder for temporary files that does not exist is named, with the way out', () => {
  vi.stubEnv('TMPDIR', join(emptyFolder(), 'none'));
  for (const open of [createTemporaryFolder, openSourceIndex])
    expect(open).toThrow(
      /^The folder of temporary files, \/.*\/none, does not exist\. TMPDIR names another one\.$/,
    );
});

test('a temporary folder that is in use when the process exits is removed then', () => {
  vi.stubEnv('TMPDIR', emptyFolder());
  const before = process.listeners('exit');
  const { path, remove } = createTemporaryFolder();
  writeFileSync(join(path, 'file'), '');
  const [listener] = process.listeners('exit').filter((other) => !before.includes(other));
  listener?.call(process, 0);
  expect([existsSync(path), existsSync(dirname(path))]).toEqual([false, true]);
  remove();
  expect(process.listeners('exit')).toEqual(before);
});
