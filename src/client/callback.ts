/** For a function of the app's: what it throws is an unhandled rejection, and no call's failure. */
export const isolated =
  <Value>(callback: (value: Value) => void) =>
  (value: Value): void =>
    void (async () => callback(value))();

/** What is done with an error for which the app has no function. */
export function unhandled(error: unknown): never {
  throw error;
}
