import { setTimeout as delay } from 'node:timers/promises';

/** Returns the reasons of the unhandled rejections during a task. Hides them from the test runner. */
export async function unhandledDuring(task: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  const listener = (reason: unknown) => void reasons.push(reason);
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener);
  try {
    await task();
    await delay(50);
  } finally {
    process.off('unhandledRejection', listener);
    for (const other of listeners) process.on('unhandledRejection', other);
  }
  return reasons;
}
