// Holds its event loop until the watch has seen it, waits until it sees it free again, and ends by itself.
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
