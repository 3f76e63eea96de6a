// What the test entries of all runtimes share. Nothing in src/ imports it or knows the header.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerSeams } from '../../../src/runtime/servers/server.ts';
import type { ServerRuntime } from '../../../src/runtime/servers/server-runtime.ts';
import { TEST_CLOCK_HEADER } from './header.ts';

const times = new AsyncLocalStorage<number>();

/** The time that the request under way has brought; the real one outside of such a request. */
export const clock = (): number => times.getStore() ?? Date.now();

/**
 * For the servers that are processes. Housekeeping keeps the real time, by which all that these tests make
 * has ended long ago: it is put off for longer than they run.
 */
export const seams: ServerSeams = {
  clock,
  housekeeping: { firstAfter: 86_400_000, every: 86_400_000 },
};

/**
 * Answers a request at the time that it brings. Each has its own, so tests that run at once do not
 * disturb each other, and time may also run backward.
 */
export function atTimeOf<Result>(request: Request, answer: () => Result): Result {
  const text = request.headers.get(TEST_CLOCK_HEADER);
  if (text === null) return answer();
  const time = Number(text);
  if (!Number.isSafeInteger(time)) throw new Error(`${TEST_CLOCK_HEADER}: ${text} is no time`);
  return times.run(time, answer);
}

/** A runtime's own HTTP server, each request at its time. */
export const atTimeOfEachRequest = (runtime: ServerRuntime): ServerRuntime => ({
  ...runtime,
  listen: (options) =>
    runtime.listen({
      ...options,
      fetch: (request, clientAddress) =>
        atTimeOf(request, () => options.fetch(request, clientAddress)),
    }),
});
