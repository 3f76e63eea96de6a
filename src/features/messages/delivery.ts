import { describeError } from '../../core/db/database.ts';
import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { OutboundError, withinLimit } from '../../core/outbound.ts';
import type { Sending } from '../../core/ports.ts';
import type { TraceContext } from '../../core/trace.ts';
import { createChannelState, HOLD_MS } from './channel-state.ts';
import { CHANNELS, type Channel, type Message } from './message.ts';
import { CLAIM_MS, type Claimed, type Outbox, type Taken } from './store.ts';

/** Sends a message by one channel. An error that it throws counts as `later`. */
export type Send = (
  id: string,
  message: Message,
  trace: TraceContext | undefined,
) => Promise<Sending>;

/** The channels that have a sender. */
export type Senders = Readonly<Partial<Record<Channel, Send>>>;

/** `held`: the provider of a channel refuses all messages; `off`: there is no sender. */
export type DeliveryState = 'ok' | 'held' | 'off';

/** The part of an `AbortSignal` that ends a run. */
type StopSignal = Pick<AbortSignal, 'aborted'>;

export interface Delivery {
  /**
   * Sends what is due. One run at a time: a call during a run makes that run look once more, and returns at once. Never
   * rejects: an error is logged, and the next run retries.
   *
   * @param max how many messages it may claim; unlimited by default
   * @param signal ends the run after the messages that it has claimed
   */
  deliver(max?: number, signal?: StopSignal): Promise<void>;
  /** As far as this server knows. */
  state(): DeliveryState;
}

export interface DeliveryParts {
  readonly outbox: Pick<Outbox, 'claim' | 'settle' | 'postpone'>;
  readonly senders: Senders;
  readonly log: Logger;
  readonly meter: Meter;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Timeout of one message, in milliseconds. */
  readonly limitMs?: number | undefined;
}

type Outcome = Sending['kind'] | 'dead';

/** The messages of a claim are sent at once, so that all end within the claim. A Worker has six connections. */
const MAX_AT_ONCE = 5;
const SEND_LIMIT_MS = 30_000;
const BACK_OFF_MS = 30_000;
const MAX_BACK_OFF_MS = 30 * 60_000;
/** A code that arrives later than this before it expires is of no use. */
const LAST_MOMENT_MS = 15_000;

export function createDelivery(parts: DeliveryParts): Delivery {
  const { outbox, senders, log, meter, clock, limitMs = SEND_LIMIT_MS } = parts;
  const channels = CHANNELS.filter((channel) => senders[channel]);
  const states = { email: createChannelState(clock), phone: createChannelState(clock) };
  /**
   * When the current run counts as dead. A time and not a promise: a Worker may be stopped in the middle of a run, and
   * one request must not await a promise of another.
   */
  let runEnds = 0;
  let isKicked = false;

  function report(outcome: Outcome, { kind, channel }: Taken): void {
    meter.count('latchkey_messages_total', { kind, channel, outcome });
  }

  function reportDead(taken: Taken): void {
    report('dead', taken);
    log.warn('message_dead', { ...factsOf(taken), attempts: taken.attempts });
  }

  async function attempt({ id, channel, message, trace }: Claimed): Promise<Sending> {
    const send = senders[channel];
    // A server with another secret may be able to read it.
    if (!send || !message) return { kind: 'later', reason: 'unreadable' };
    try {
      return await withinLimit(limitMs, () => send(id, message, trace));
    } catch (error) {
      return {
        kind: 'later',
        reason: error instanceof OutboundError ? error.reason : nameOf(error),
      };
    }
  }

  async function postpone(claimed: Claimed, reason: string): Promise<boolean> {
    const delay = backOff(claimed, clock());
    const facts = { ...factsOf(claimed), attempts: claimed.attempts, reason };
    if (delay === undefined) {
      report('dead', claimed);
      log.warn('message_dead', facts);
      return outbox.settle(claimed, 'dead');
    }
    log.warn('message_postponed', facts);
    return outbox.postpone(claimed, clock() + delay);
  }

  /** Writes down what became of an attempt. Returns false if the claim is lost. */
  async function settle(claimed: Claimed, sending: Sending): Promise<boolean> {
    const { channel } = claimed;
    const state = states[channel];
    if (sending.kind === 'sent' || sending.kind === 'rejected') {
      if (state.release()) log.info('messages_resumed', { channel });
      if (sending.kind === 'rejected') {
        log.warn('message_rejected', { ...factsOf(claimed), reason: sending.reason });
      }
      return outbox.settle(claimed, sending.kind);
    }
    const { kind, reason } = sending;
    const isFirst = state.allowance() !== 'none';
    if (kind === 'misconfigured' && state.hold()) {
      if (isFirst) log.error('messages_held', { channel, reason });
      // Behind the others of its channel, one of which is tried next.
      return outbox.postpone(claimed, clock() + HOLD_MS, false);
    }
    state.rest();
    return postpone(claimed, reason);
  }

  async function deliverOne(claimed: Claimed): Promise<void> {
    const sending = await attempt(claimed);
    report(sending.kind, claimed);
    try {
      if (!(await settle(claimed, sending))) log.warn('message_claim_lost', factsOf(claimed));
    } catch (error) {
      // Its claim ends by itself; it is then sent once more.
      log.error('delivery_failed', { ...factsOf(claimed), error: describeError(error) });
    }
  }

  async function claimAndSend(max: number, from: readonly Channel[]): Promise<number> {
    runEnds = clock() + CLAIM_MS;
    const { messages, dead } = await outbox.claim(max, from);
    for (const taken of dead) reportDead(taken);
    await Promise.all(messages.map(deliverOne));
    return messages.length + dead.length;
  }

  async function run(max: number, signal: StopSignal | undefined): Promise<void> {
    let left = max;
    try {
      // A held channel is tried with one message.
      for (const channel of channels.filter((each) => states[each].allowance() === 'one')) {
        if (left > 0 && !signal?.aborted) left -= await claimAndSend(1, [channel]);
      }
      let isDone = false;
      while (!isDone && left > 0 && !signal?.aborted) {
        isKicked = false;
        const size = Math.min(MAX_AT_ONCE, left);
        const open = channels.filter((channel) => states[channel].allowance() === 'any');
        const count = await claimAndSend(size, open);
        left -= count;
        isDone = count < size && !isKicked;
      }
    } finally {
      // At once after the last look at `isKicked`, lest a call in between be lost.
      runEnds = 0;
    }
  }

  return {
    async deliver(max = Number.POSITIVE_INFINITY, signal) {
      isKicked = true;
      if (channels.length === 0 || clock() < runEnds) return;
      try {
        await run(max, signal);
      } catch (error) {
        log.error('delivery_failed', { error: describeError(error) });
      }
    },

    state() {
      if (channels.length === 0) return 'off';
      return channels.some((channel) => states[channel].isHeld()) ? 'held' : 'ok';
    },
  };
}

/** What the log may contain about a message. */
const factsOf = ({ id, kind, channel }: Taken) => ({ id, kind, channel });

/**
 * Returns the pause after an attempt, in milliseconds: twice as long after each, with jitter, and never more than half of
 * the time that is left. `undefined` if there is too little left.
 */
function backOff({ attempts, expiresAt }: Taken, now: number): number | undefined {
  const growing = Math.min(BACK_OFF_MS * 2 ** (attempts - 1), MAX_BACK_OFF_MS);
  const delay = Math.min(growing * (0.75 + Math.random() / 2), (expiresAt - now) / 2);
  return delay < LAST_MOMENT_MS ? undefined : Math.ceil(delay);
}
