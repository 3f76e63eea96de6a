import type { AccountStore } from './store.ts';

/** Events per statement. */
const BATCH_ROWS = 500;
/** Statements after one deletion: a Worker may send 50 requests in an invocation. */
const MAX_BATCHES = 10;

/** Returns the work that starts to clear the audit events of deleted accounts. Housekeeping clears the rest. */
export const clearSoon =
  ({ clearEvents }: Pick<AccountStore, 'clearEvents'>) =>
  async (): Promise<void> => {
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      // Lets waiting requests run.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if ((await clearEvents(BATCH_ROWS)) < BATCH_ROWS) return;
    }
  };
