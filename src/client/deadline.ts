import { NetworkError } from './errors.ts';
import type { AbortSignalLike } from './platform.ts';

/**
 * Runs a task with a timeout and an abort signal. Settles at the timeout or abort even if the task ignores its signal.
 * Does not use `AbortSignal.timeout` and `AbortSignal.any`: React Native has neither.
 *
 * @throws NetworkError on timeout; on abort the signal's reason, or an `AbortError` if it has none
 */
export async function withDeadline<Result>(
  milliseconds: number,
  outer: AbortSignalLike | undefined,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (outer?.aborted) throw reasonOf(outer);
  const controller = new AbortController();
  let cleanUp = () => {};
  const end = new Promise<never>((_, reject) => {
    const stop = (reason: unknown) => {
      reject(reason);
      controller.abort();
    };
    const onAbort = () => stop(reasonOf(outer));
    const timer = setTimeout(
      () => stop(new NetworkError(`No answer within ${milliseconds} ms`, { timedOut: true })),
      milliseconds,
    );
    outer?.addEventListener('abort', onAbort);
    cleanUp = () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await Promise.race([task(controller.signal), end]);
  } finally {
    cleanUp();
  }
}

/** The signal's reason, or an `AbortError`: React Native's signals have no `reason`. */
export function reasonOf(signal: AbortSignalLike | undefined): unknown {
  return signal?.reason ?? Object.assign(new Error('The call was aborted'), { name: 'AbortError' });
}

/**
 * Waits for work that another call started. Has its own timer, because the other call's timer may never fire if that
 * call was cancelled. Resolves to true if the work settles in time, fulfilled or rejected.
 */
export function settlesWithin(milliseconds: number, other: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    const onSettled = () => {
      clearTimeout(timer);
      resolve(true);
    };
    other.then(onSettled, onSettled);
  });
}
