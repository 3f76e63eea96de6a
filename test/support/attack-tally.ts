import type { TestContext } from 'vitest';

/** The counts of an attack on a server. */
export interface AttackTally {
  /** Requests sent, with or without a response. */
  requests: number;
  /** Processes killed, disks filled, connections disturbed, responses lost. */
  faults: number;
  /** Writes that the server acknowledged. */
  acknowledged: number;
  /** Acknowledged writes that were missing afterwards. */
  lost: number;
}

declare module 'vitest' {
  interface TaskMeta {
    attack?: AttackTally;
  }
}

/** Creates a tally that the test updates. The summary at the end of the run includes it. */
export function tallyOf({ task }: Pick<TestContext, 'task'>): AttackTally {
  const tally = { requests: 0, faults: 0, acknowledged: 0, lost: 0 };
  task.meta.attack = tally;
  return tally;
}

/** Returns the totals as one line, or `undefined` if no test was an attack. */
export function summaryOf(tallies: readonly Readonly<AttackTally>[]): string | undefined {
  if (tallies.length === 0) return undefined;
  const sum = (of: keyof AttackTally) => tallies.reduce((total, tally) => total + tally[of], 0);
  return `Attack run: ${sum('requests')} requests sent, ${sum('faults')} faults injected, ${sum('acknowledged')} writes acknowledged, ${sum('lost')} writes lost`;
}
