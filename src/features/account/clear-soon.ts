import type { AccountStore } from './store.ts';

/** Events per batch. */
const BATCH_ROWS = 500;
/** Batches after which the work ends: a Worker may send 50 requests in an invocation. */
const MAX_BATCHES = 10;

/** Returns the work that starts to clear the audit events of deleted accounts. Housekeeping clears the rest. */
export const clearSoon =
  ({ clearSome }: Pick<AccountStore, 'clearSome'>) =>
  async (): Promise<void> => {
    let sent = 0;
    while (sent < MAX_BATCHES) {
      // Lets waiting requests run.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const { events, batches } = await clearSome(BATCH_ROWS);
      if (events < BATCH_ROWS) return;
      sent += batches;
    }
  };
