import { describe, expect, test } from 'vitest';
import { type ReadLimits, shareReads } from '../../src/core/shared-reads.ts';
import { MemoryFiles } from '../support/memory-files.ts';

/** A store whose reads wait until they are let go. */
function createRoom(limits: Partial<ReadLimits> = {}) {
  const files = new MemoryFiles();
  const waiting: (() => void)[] = [];
  let reads = 0;
  files.before = (operation) => {
    if (operation !== 'get') return undefined;
    reads += 1;
    return new Promise((resolve) => waiting.push(resolve));
  };
  for (const key of ['a', 'b', 'c']) files.files.set(key, new Uint8Array(100));
  return {
    files,
    shared: shareReads(files, limits),
    letGo: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    reads: () => reads,
  };
}

describe('[S41] reads of a store of files', () => {
  test('requests for one file share one read and one buffer, also while it is sent', async () => {
    const { shared, letGo, reads } = createRoom({ maxReads: 1, maxBytes: 100 });
    const both = [shared.hold('a'), shared.hold('a')];
    letGo();
    const [one, two] = await Promise.all(both);
    one?.release();
    const three = await shared.hold('a');
    expect([two?.bytes, three?.bytes]).toEqual([one?.bytes, one?.bytes]);
    expect(three?.bytes).toBe(one?.bytes);
    expect(reads()).toBe(1);
    two?.release();
    three?.release();
    const next = shared.hold('a');
    letGo();
    expect((await next)?.bytes).toHaveLength(100);
    expect(reads()).toBe(2);
  });

  test('beyond the number of reads at once, others are rejected at once', async () => {
    const { shared, letGo } = createRoom({ maxReads: 2 });
    const held = [shared.hold('a'), shared.get('b')];
    await expect(shared.hold('c')).rejects.toThrow('being read');
    await expect(shared.get('c')).rejects.toThrow('being read');
    letGo();
    await Promise.all(held);
    const third = shared.get('c');
    letGo();
    expect(await third).toHaveLength(100);
  });

  test('a read that takes too long fails, and keeps its place until the store has answered', async () => {
    const { shared, letGo } = createRoom({ maxReads: 1, limitMs: 20 });
    await expect(shared.hold('a')).rejects.toThrow('too_slow');
    await expect(shared.hold('b')).rejects.toThrow('being read');
    letGo();
    await expect.poll(() => shared.hold('b').catch(String)).toContain('too_slow');
  });

  test('beyond the budget of bytes, files are rejected until others are released, once each', async () => {
    const { shared, files } = createRoom({ maxBytes: 250 });
    files.before = () => {};
    const [a, b] = [await shared.hold('a'), await shared.hold('b')];
    await expect(shared.hold('c')).rejects.toThrow('being sent');
    await expect(shared.get('c')).rejects.toThrow('being sent');
    // A file that is held costs no further memory.
    (await shared.hold('b'))?.release();
    a?.release();
    a?.release();
    const c = await shared.hold('c');
    await expect(shared.hold('a')).rejects.toThrow('being sent');
    for (const file of [b, c]) file?.release();
    expect(await shared.get('a')).toHaveLength(100);
  });

  test('a missing file and a failed read hold nothing and are not remembered', async () => {
    const { shared, files } = createRoom({ maxReads: 1 });
    files.before = () => {};
    expect(await shared.hold('d')).toBeUndefined();
    files.before = () => Promise.reject(new Error('down'));
    await expect(shared.hold('a')).rejects.toThrow('down');
    files.before = () => {};
    files.files.set('d', new Uint8Array(1));
    expect(await shared.get('d')).toHaveLength(1);
    expect(await shared.get('a')).toHaveLength(100);
  });

  test.each(['put', 'delete'] as const)(
    'after %s, requests do not get the bytes that others hold',
    async (operation) => {
      const { shared, files } = createRoom();
      files.before = () => {};
      const old = await shared.hold('a');
      if (operation === 'delete') await shared.delete('a');
      else await shared.put('a', { type: 'image/png', bytes: new Uint8Array(7) });
      const now = await shared.get('a');
      expect(now?.length).toBe(operation === 'delete' ? undefined : 7);
      expect(old?.bytes).toHaveLength(100);
    },
  );
});
