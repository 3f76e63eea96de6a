import { expect, test } from 'vitest';
import { fuzzTarget } from '../fuzz/target.ts';
import { tallyOf } from '../support/attack-tally.ts';
import type { Target, TargetName } from '../support/targets.ts';

const COUNT = 430;
/** A fixed seed, so that only a change can cause a failure. `npm run test:fuzz` uses a random seed. */
const SEED = 2_011_215_533;
const TIME_LIMIT_MS = 180_000;

/** Registers a short run of the fuzzer; `npm run test:fuzz` runs a long one. */
export function fuzzing(name: TargetName, target: () => Target): void {
  test(
    `[S28] [S29] [S30] [S31] ${COUNT} requests generated from the document are answered as it specifies`,
    async (context) => {
      console.log(`${name}: the fuzzer’s seed is ${SEED}`);
      const { requests, statuses } = await fuzzTarget(name, target(), { seed: SEED, count: COUNT });
      expect(requests).toBe(COUNT);
      tallyOf(context).requests = requests;
      expect([...statuses.keys()]).toEqual(
        expect.arrayContaining([200, 201, 204, 400, 401, 404, 405, 422]),
      );
    },
    TIME_LIMIT_MS,
  );
}
