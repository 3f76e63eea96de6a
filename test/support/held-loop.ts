// Blocks its event loop until the lag watch detects it, waits until the watch reports no lag, and exits.
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../../src/core/log.ts';
import { MAX_LAG_MS, watchLag } from '../../src/runtime/servers/lag-watch.ts';

const isLagging = watchLag(createLogger('silent', () => {}));
while (!isLagging()) {
  const until = performance.now() + 2 * MAX_LAG_MS;
  while (performance.now() < until);
  await delay(1);
}
while (isLagging()) await delay(1);
console.log('held and free');
