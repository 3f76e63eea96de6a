// `npm run bench`: measures the API against its targets, alternating with the servers that it is compared to.
import { spawnSync } from 'node:child_process';
import { endWithParent } from '../scripts/parent.mjs';
import { type BenchOptions, readArguments, usage } from './arguments.ts';
import {
  describeCommit,
  describeMachine,
  nodeVersion,
  type ProcessorTime,
  processorTime,
} from './machine.ts';
import { format, type NamedOutcome } from './outcome.ts';
import { choosePinning } from './pinning.ts';
import { createProgress } from './progress.ts';
import { publish } from './publish.ts';
import { saveReport } from './report.ts';
import { ROOT } from './root.ts';
import { runScenario } from './run.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { renderTable } from './table.ts';

const NAMES = SCENARIOS.map(({ name }) => name);

function readCommandLine(): BenchOptions {
  try {
    const given = readArguments(process.argv.slice(2), NAMES, process.env.LATCHKEY_BENCH_PYTHON);
    if (typeof given === 'object') {
      if (given.node !== undefined) nodeVersion(given.node);
      return given;
    }
    const list = SCENARIOS.map(({ name, title }) => `${name.padEnd(12)} ${title}`).join('\n');
    console.log(given === 'help' ? usage(NAMES) : list);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage(NAMES)}`);
    process.exit(2);
  }
}

async function main(options: BenchOptions): Promise<void> {
  const startMs = performance.now();
  const startedAt = new Date().toISOString();
  const node = options.node ?? process.execPath;
  const machine = describeMachine(node);
  const timeBefore = processorTime();
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (build.status !== 0) process.exit(1);
  const scenarios = SCENARIOS.filter(({ name }) => options.scenarios.includes(name));
  const weights = new Map(scenarios.map(({ name, weight }) => [name, weight(options)]));
  const progress = createProgress(process.stderr, weights);
  const pinning = choosePinning(options.pin);
  const outcomes: NamedOutcome[] = [];
  const faults: unknown[] = [];
  for (const scenario of scenarios) {
    try {
      outcomes.push(await runScenario(scenario, { options, node, pinning }, progress));
    } catch (error) {
      // Continues with the other scenarios.
      faults.push(error);
      const { name, title } = scenario;
      outcomes.push({ scenario: name, title, outcome: { notMeasured: messageOf(error) } });
    }
  }
  progress.end();
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const isPinned = pinning.server !== undefined;
  const stolen = stolenSince(timeBefore);
  const report = { startedAt, seconds, machine, options, isPinned, stolen, outcomes };
  console.log(`\n${renderTable(outcomes)}\n`);
  if (stolen !== undefined) {
    console.log(
      `Other guests of the host took ${format(stolen, 'share')} of the processors' time.`,
    );
  }
  if (options.isQuick) console.log('A quick run: short rounds. Judge by a full one.');
  if (describeCommit() !== machine.commit) {
    faults.push(new Error('the code was changed while it was measured: nothing is drawn'));
  }
  if (options.publish && faults.length === 0) {
    publish(report);
    console.log('Written: docs/bench.json, the chart and the table of docs/bench.md');
  }
  console.log(`${seconds} s. All figures: ${saveReport(report)}`);
  if (faults.length > 0) throw new AggregateError(faults, 'not all could be measured');
}

function stolenSince(before: ProcessorTime | undefined): number | undefined {
  const after = processorTime();
  if (!before || !after) return undefined;
  return (after.stolen - before.stolen) / (after.total - before.total);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

// Exits normally on a signal, so that the exit handlers run. They kill the child processes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(130));
}
endWithParent();

try {
  await main(readCommandLine());
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
