import { describe, expect, test } from 'vitest';
import { createProgress, progressLine } from '../src/runtime/commands/progress.ts';

const sample = (seconds: number, done: number, accounts: number) => ({
  at: seconds * 1000,
  done,
  accounts,
});

describe('the line of a bar', () => {
  const start = sample(0, 0, 0);
  test.each([
    [
      sample(10, 250, 5000),
      1000,
      '[######------------------]  25% 5,000 accounts, 500/s, 0:30 left',
    ],
    [sample(10, 1000, 12), 1000, '[########################] 100% 12 accounts, 1/s, 0:00 left'],
    [sample(1, 1, 1), 7261, `[${'-'.repeat(24)}]   0% 1 accounts, 1/s, 2:01:00 left`],
    // The source has grown meanwhile.
    [sample(1, 9, 9), 3, '[########################] 100% 9 accounts, 9/s, 0:00 left'],
    [sample(0, 0, 0), 0, '[########################] 100% 0 accounts, 0/s'],
    [sample(5, 0, 0), 10, `[${'-'.repeat(24)}]   0% 0 accounts, 0/s`],
  ])('%o of %i is %s', (newest, total, line) => {
    expect(progressLine(start, newest, total)).toBe(line);
  });

  test('has the rate of the last samples', () => {
    expect(progressLine(sample(10, 500, 1000), sample(20, 600, 3000), 1000)).toBe(
      '[##############----------]  60% 3,000 accounts, 200/s, 0:40 left',
    );
  });
});

describe('a bar', () => {
  function bar(stream: { readonly isTTY?: boolean; readonly columns?: number }) {
    const written: string[] = [];
    let now = 0;
    const progress = createProgress({
      stream: { ...stream, write: (text) => written.push(text) },
      total: 1000,
      clock: () => now,
    });
    return {
      progress,
      written,
      at(ms: number) {
        now = ms;
      },
    };
  }

  test('is redrawn in place, at most five times a second, and removed', () => {
    const { progress, written, at } = bar({ isTTY: true, columns: 80 });
    for (let ms = 0; ms <= 1000; ms += 10) {
      at(ms);
      progress.update(ms, ms);
    }
    progress.clear();
    progress.clear();
    expect(written).toHaveLength(7);
    for (const text of written) {
      expect(text.startsWith('\r\u001b[K')).toBe(true);
      expect(text.slice(1)).not.toMatch(/[\r\n]/);
    }
    expect(written.at(-2)).toContain('100%');
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test('has the rate of the last ten seconds', () => {
    const { progress, written, at } = bar({ isTTY: true, columns: 80 });
    for (let seconds = 1; seconds <= 40; seconds++) {
      at(seconds * 1000);
      // Ten times as fast at first.
      progress.update(seconds, seconds <= 20 ? seconds * 1000 : 20_000 + (seconds - 20) * 100);
    }
    expect(written.at(-1)).toContain(' 100/s');
  });

  test.each([40, 10, 1])('fits into %i columns', (columns) => {
    const { progress, written } = bar({ isTTY: true, columns });
    progress.update(500, 500);
    expect(written[0]?.replace('\r\u001b[K', '').length).toBeLessThan(columns);
  });

  test('is not drawn where nobody watches', () => {
    for (const stream of [{}, { isTTY: false, columns: 80 }]) {
      const { progress, written } = bar(stream);
      progress.update(500, 500);
      progress.clear();
      expect(written).toEqual([]);
    }
  });
});
