import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { MAX_SEED } from '../fuzz/arguments.ts';
import { fuzzTarget } from '../fuzz/target.ts';
import type { Target, TargetName } from '../support/targets.ts';

const COUNT = 500;
const TIME_LIMIT_MS = 180_000;

/** Registers a short run of the fuzzer; `npm run test:fuzz` makes a long one. */
export function fuzzing(name: TargetName, target: () => Target): void {
  test(
    `[S28] [S29] [S30] [S31] ${COUNT} requests made from the document are answered as it says`,
    async () => {
      const seed = randomInt(MAX_SEED);
      console.log(`${name}: the fuzzer’s seed is ${seed}`);
      const { requests, statuses } = await fuzzTarget(name, target(), { seed, count: COUNT });
      expect(requests).toBe(COUNT);
      expect([...statuses.keys()]).toEqual(
        expect.arrayContaining([200, 201, 204, 400, 401, 404, 405, 422]),
      );
    },
    TIME_LIMIT_MS,
  );
}
