import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/core/log.ts';
import { createLagMeter, MAX_LAG_MS } from '../../src/runtime/servers/lag-watch.ts';
import { ROOT } from '../support/targets.ts';

function createMeter() {
  const lines: string[] = [];
  const measure = createLagMeter(createLogger('info', (line) => lines.push(line)));
  const events = () => lines.map((line) => JSON.parse(line).event);
  return { measure: (...lags: number[]) => lags.map(measure), events };
}

const HIGH = MAX_LAG_MS + 1;

test('single spikes, of any length and number, do not count as overload', () => {
  const { measure, events } = createMeter();
  const spikes = Array.from({ length: 20 }, () => [60_000, HIGH, 3]).flat();
  expect(measure(...spikes)).toEqual(spikes.map(() => false));
  expect(events()).toEqual([]);
});

test('persistent lag counts as overload until it has ended persistently, and each change is logged once', () => {
  const { measure, events } = createMeter();
  expect(measure(HIGH, HIGH, HIGH, HIGH, HIGH)).toEqual([false, false, true, true, true]);
  expect(events()).toEqual(['overloaded']);
  // Lag between the two bounds changes nothing, and one last spike restarts the count.
  expect(measure(MAX_LAG_MS - 1, 1, 1, HIGH, 1, 1, 1)).toEqual([
    ...[true, true, true, true, true, true],
    false,
  ]);
  expect(measure(MAX_LAG_MS - 1, MAX_LAG_MS - 1, MAX_LAG_MS - 1)).toEqual([false, false, false]);
  expect(events()).toEqual(['overloaded', 'overload_ended']);
  expect(measure(HIGH, HIGH, HIGH)).toEqual([false, false, true]);
  expect(events()).toEqual(['overloaded', 'overload_ended', 'overloaded']);
});

test('the watch detects a blocked event loop and its recovery, and does not keep the process alive', () => {
  const program = join(ROOT, 'test/support/held-loop.ts');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program],
    { encoding: 'utf8', timeout: 50_000 },
  );
  expect([status, stdout.trim(), stderr]).toEqual([0, 'held and free', '']);
});
