/**
 * A map of bounded size that evicts the entry that was set least recently. Setting an existing entry renews it; reading
 * it does not.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #maxSize: number;
  /**
   * Yields the keys in eviction order. All evictions share one iterator. A new iterator would first skip the gaps left
   * by all entries deleted since the last compaction, which takes 50 µs in a map of 20,000.
   */
  #order = this.keys();
  /**
   * How many entries were set since the iterator moved. The engine keeps every table of the map since then, for the
   * iterator to find its place, so one that never moves would retain memory without bound.
   */
  #unmoved = 0;

  /** @param maxSize maximum number of entries, at least 1 */
  constructor(maxSize: number) {
    super();
    this.#maxSize = maxSize;
  }

  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#maxSize) {
      const { value: oldest, done } = this.#order.next();
      if (!done) this.delete(oldest);
      this.#unmoved = 0;
    } else if (++this.#unmoved > this.#maxSize) {
      this.#order = this.keys();
      this.#unmoved = 0;
    }
    return this;
  }
}
