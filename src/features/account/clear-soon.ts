import type { AccountStore } from './store.ts';

/** Events per call. */
const BATCH_ROWS = 500;
/** Batches after one deletion: a Worker may send 50 requests in an invocation. */
const MAX_BATCHES = 10;
/** The most that one call sends. */
const BATCHES_OF_CALL = 2;

/** Returns the work that starts to clear the audit events of deleted accounts. Housekeeping clears the rest. */
export const clearSoon =
  ({ clearEvents }: Pick<AccountStore, 'clearEvents'>) =>
  async (): Promise<void> => {
    for (let batches = 0; batches < MAX_BATCHES; batches += BATCHES_OF_CALL) {
      // Lets waiting requests run.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if ((await clearEvents(BATCH_ROWS)) < BATCH_ROWS) return;
    }
  };
