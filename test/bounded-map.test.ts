import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from '../src/core/bounded-map.ts';

const key = fc.integer({ min: 0, max: 12 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

test('a bounded map keeps the entries that were set last, up to its limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(step, { maxLength: 200 }),
      (max, steps) => {
        const map = new BoundedMap<number, number>(max);
        let model: (readonly [number, number])[] = [];
        for (const s of steps) {
          if (s.kind === 'clear') {
            model = [];
            map.clear();
          } else if (s.kind === 'set') {
            const others = model.filter(([known]) => known !== s.key);
            model = [...others, [s.key, s.value] as const].slice(-max);
            map.set(s.key, s.value);
          } else if (s.kind === 'delete') {
            model = model.filter(([known]) => known !== s.key);
            map.delete(s.key);
          } else {
            expect(map.get(s.key)).toBe(model.find(([known]) => known === s.key)?.[1]);
          }
          expect([...map]).toEqual(model);
        }
      },
    ),
  );
});

test('it evicts entries in order, even after 100,000 of them', () => {
  const map = new BoundedMap<number, number>(1000);
  for (let n = 0; n < 100_000; n++) map.set(n, n);
  expect([...map.keys()]).toEqual(Array.from({ length: 1000 }, (_, i) => 99_000 + i));
});

test('renewing a few entries a million times retains no memory', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const map = new BoundedMap<number, number>(200);
  const used = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  for (let n = 0; n < 1_000_000; n++) map.set(n % 3, n);
  expect(used() - before).toBeLessThan(10_000_000);
  expect([...map.values()]).toEqual([999_997, 999_998, 999_999]);
});
