import { setTimeout as delay } from 'node:timers/promises';

/** The reasons of the rejections that nobody handled while a task ran. The test runner is not told. */
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
