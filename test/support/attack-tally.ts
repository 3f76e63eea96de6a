import type { TestContext } from 'vitest';

/** What an attack on a server has come to so far. */
export interface AttackTally {
  /** Requests that were sent, answered or not. */
  requests: number;
  /** Processes killed, disks filled, connections spoiled, answers lost. */
  faults: number;
  /** Writes that the server said it had done. */
  acknowledged: number;
  /** Of these, the ones that were not there afterwards. */
  lost: number;
}

declare module 'vitest' {
  interface TaskMeta {
    attack?: AttackTally;
  }
}

/** A tally that the test counts up, and that the summary at the end of the run takes in. */
export function tallyOf({ task }: Pick<TestContext, 'task'>): AttackTally {
  const tally = { requests: 0, faults: 0, acknowledged: 0, lost: 0 };
  task.meta.attack = tally;
  return tally;
}

/** The sum of all as one line; `undefined` where there was no attack. */
export function summaryOf(tallies: readonly Readonly<AttackTally>[]): string | undefined {
  if (tallies.length === 0) return undefined;
  const sum = (of: keyof AttackTally) => tallies.reduce((total, tally) => total + tally[of], 0);
  return `Attack run: ${sum('requests')} requests sent, ${sum('faults')} faults injected, ${sum('acknowledged')} writes acknowledged, ${sum('lost')} writes lost`;
}
