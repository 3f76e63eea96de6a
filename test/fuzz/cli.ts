// `npm run test:fuzz`: runs the fuzzer against each target in turn.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { startTarget, type TargetName } from '../support/targets.ts';
import { type Arguments, MAX_SEED, readArguments, USAGE } from './arguments.ts';
import { fuzzTarget } from './target.ts';

const PROGRESS_STEP = 500;

function readCommandLine(): Arguments {
  try {
    const given = readArguments(process.argv.slice(2), () => randomInt(MAX_SEED));
    if (given !== 'help') return given;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function run(name: TargetName, { seed, count, from }: Arguments): Promise<boolean> {
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(0);
  const target = await startTarget(name);
  try {
    const { statuses } = await fuzzTarget(name, target, {
      seed,
      count,
      from,
      onProgress(done) {
        if (done % PROGRESS_STEP === 0) console.log(`${name}: ${done} of ${count}, ${seconds()} s`);
      },
    });
    const list = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status} ${n}×`);
    console.log(`${name}: ${count} requests as documented, ${seconds()} s: ${list.join(', ')}`);
    return true;
  } catch (error) {
    console.error(`\n${name}: ${error instanceof Error ? error.message : error}\n`);
    return false;
  } finally {
    await target.stop();
  }
}

const given = readCommandLine();
console.log(`seed ${given.seed}: ${given.count} requests to each of ${given.targets.join(', ')}`);
const build = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
if (build.status !== 0) process.exit(1);
let failed = 0;
for (const name of given.targets) if (!(await run(name, given))) failed++;
console.log(`\n${given.targets.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
