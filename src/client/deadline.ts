import { NetworkError } from './errors.ts';
import type { AbortSignalLike } from './platform.ts';

/**
 * Runs a task that ends when its time is up or its caller has aborted it, whatever it waits for. By hand:
 * React Native has no `AbortSignal.timeout` or `AbortSignal.any`.
 *
 * @throws NetworkError when the time is up; the signal's reason, or an `AbortError`, when aborted
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

/** React Native's signals have no reason. */
export function reasonOf(signal: AbortSignalLike | undefined): unknown {
  return signal?.reason ?? Object.assign(new Error('The call was aborted'), { name: 'AbortError' });
}

/**
 * Waits for work that another call began, with a timer of its own: theirs may
 * have ended with them. Returns whether it settled, either way.
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
