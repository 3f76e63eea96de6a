/** Counts the calls to `deriveBits` until `stop`, which returns the count. */
export function countDerivations(): { stop(): number } {
  const original = crypto.subtle.deriveBits;
  let count = 0;
  crypto.subtle.deriveBits = function counted(...args) {
    count++;
    return original.apply(this, args);
  };
  return {
    stop() {
      crypto.subtle.deriveBits = original;
      return count;
    },
  };
}
