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

test('single spikes, however long and however many, are no overload', () => {
  const { measure, events } = createMeter();
  const spikes = Array.from({ length: 20 }, () => [60_000, HIGH, 3]).flat();
  expect(measure(...spikes)).toEqual(spikes.map(() => false));
  expect(events()).toEqual([]);
});

test('lag that stays is overload until it stays away, and each change is told once', () => {
  const { measure, events } = createMeter();
  expect(measure(HIGH, HIGH, HIGH, HIGH, HIGH)).toEqual([false, false, true, true, true]);
  expect(events()).toEqual(['overloaded']);
  // Between the two bounds nothing changes, and a last spike starts the count again.
  expect(measure(MAX_LAG_MS - 1, 1, 1, HIGH, 1, 1, 1)).toEqual([
    ...[true, true, true, true, true, true],
    false,
  ]);
  expect(measure(MAX_LAG_MS - 1, MAX_LAG_MS - 1, MAX_LAG_MS - 1)).toEqual([false, false, false]);
  expect(events()).toEqual(['overloaded', 'overload_ended']);
  expect(measure(HIGH, HIGH, HIGH)).toEqual([false, false, true]);
  expect(events()).toEqual(['overloaded', 'overload_ended', 'overloaded']);
});

test('the watch sees a loop that is held, sees it free again, and keeps no process alive', () => {
  const program = join(ROOT, 'test/support/held-loop.ts');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program],
    { encoding: 'utf8', timeout: 50_000 },
  );
  expect([status, stdout.trim(), stderr]).toEqual([0, 'held and free', '']);
});
