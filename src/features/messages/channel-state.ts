/** How long a channel rests after its provider has refused all messages of this deployment, in milliseconds. */
export const HOLD_MS = 60_000;

/** Whether a channel can send, as far as this server knows. */
export interface ChannelState {
  /** True while the provider refuses all messages. */
  isHeld(): boolean;
  /** How many messages may be sent now: one, to try, after a pause of a held channel. */
  allowance(): 'none' | 'one' | 'any';
  /**
   * The provider has refused a message for a reason that concerns all. Returns false if that contradicts a success of
   * the last minute: one message must not hold the others, or whoever causes it stops the queue.
   */
  hold(): boolean;
  /** A held channel has been tried without a result. */
  rest(): void;
  /** The provider has accepted a message, or judged its recipient. Returns true if that ends a hold. */
  release(): boolean;
}

/** @param clock milliseconds since 1970 */
export function createChannelState(clock: () => number): ChannelState {
  let heldUntil: number | undefined;
  let workedAt = Number.NEGATIVE_INFINITY;
  return {
    isHeld: () => heldUntil !== undefined,
    allowance() {
      if (heldUntil === undefined) return 'any';
      return clock() < heldUntil ? 'none' : 'one';
    },
    hold() {
      if (heldUntil === undefined && clock() - workedAt < HOLD_MS) return false;
      heldUntil = clock() + HOLD_MS;
      return true;
    },
    rest() {
      if (heldUntil !== undefined) heldUntil = clock() + HOLD_MS;
    },
    release() {
      const wasHeld = heldUntil !== undefined;
      heldUntil = undefined;
      workedAt = clock();
      return wasHeld;
    },
  };
}
