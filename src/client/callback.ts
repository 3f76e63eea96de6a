/**
 * Wraps a callback of the app. An exception in the callback becomes an unhandled rejection and does not fail the
 * client's call.
 */
export const isolated =
  <Value>(callback: (value: Value) => void) =>
  (value: Value): void =>
    void (async () => callback(value))();

/** Default error callback: rethrows the error. */
export function unhandled(error: unknown): never {
  throw error;
}
