import { expect, test } from 'vitest';
import { createLogger } from '../../src/core/log.ts';
import { tryStore } from '../../src/features/avatars/try-store.ts';
import { warnOfAvatarSettings } from '../../src/runtime/ports/avatar-warnings.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { parse, production } from '../support/settings.ts';

function recorder() {
  const events: unknown[] = [];
  const log = createLogger('info', (line) => events.push(JSON.parse(line)), Date.now);
  return { events, log };
}

test('a store that cannot be used is one warning with its cure; one that can is none', async () => {
  const { events, log } = recorder();
  const files = new MemoryFiles();
  await tryStore(files, log);
  expect(events).toEqual([]);
  files.before = () => {
    throw new Error('EROFS: read-only file system');
  };
  await tryStore(files, log);
  expect(events).toMatchObject([
    { reason: 'EROFS: read-only file system', cure: expect.stringContaining('AVATARS') },
  ]);
});

test.each([
  [{}, ['PUBLIC_URL']],
  [{ PUBLIC_URL: 'https://a.example' }, []],
  [{ AVATARS: 'off' }, []],
  [{ PUBLIC_URL: 'https://a.example', DATABASE_URL: 'https://db.example' }, ['AVATARS']],
  [
    { PUBLIC_URL: 'https://a.example', DATABASE_URL: 'https://db.example', AVATARS: 'folder:/a' },
    [],
  ],
])('in production, %j warns of %j', (settings, expected) => {
  const { events, log } = recorder();
  warnOfAvatarSettings(parse({ ...production, DATABASE_URL: 'file:./a.db', ...settings }), log);
  expect(events).toHaveLength(expected.length);
  for (const [index, name] of expected.entries()) {
    expect(events[index]).toMatchObject({ cure: expect.stringContaining(`set ${name}`) });
  }
});
