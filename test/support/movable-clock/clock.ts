// Shared by the test entries of all runtimes. No module in src/ imports this file or knows the header.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerSeams } from '../../../src/runtime/servers/server.ts';
import type { ServerRuntime } from '../../../src/runtime/servers/server-runtime.ts';
import { TEST_CLOCK_HEADER } from './header.ts';

const times = new AsyncLocalStorage<number>();

/** Returns the time that the current request carries, or the real time if there is no such request. */
export const clock = (): number => times.getStore() ?? Date.now();

const AFTER_THE_TESTS = { firstAfter: 86_400_000, every: 86_400_000 };

/**
 * The seams of the servers that run as processes. Their timers use the real time, by which all rows of these tests have
 * expired, so they are delayed until after the tests.
 */
export const seams: ServerSeams = {
  clock,
  housekeeping: AFTER_THE_TESTS,
  delivery: AFTER_THE_TESTS,
};

/**
 * Answers a request at the time that it carries. Each request has its own time, so that concurrent tests do not affect
 * each other, and time may also go backward.
 */
export function atTimeOf<Result>(request: Request, answer: () => Result): Result {
  const text = request.headers.get(TEST_CLOCK_HEADER);
  if (text === null) return answer();
  const time = Number(text);
  if (!Number.isSafeInteger(time)) throw new Error(`${TEST_CLOCK_HEADER}: ${text} is no time`);
  return times.run(time, answer);
}

/** Wraps a runtime's HTTP server so that it answers each request at the request's time. */
export const atTimeOfEachRequest = (runtime: ServerRuntime): ServerRuntime => ({
  ...runtime,
  listen: (options) =>
    runtime.listen({
      ...options,
      fetch: (request, clientAddress) =>
        atTimeOf(request, () => options.fetch(request, clientAddress)),
    }),
});
