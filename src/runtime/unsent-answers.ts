/** How often answers are looked after, in milliseconds. */
const SWEEP_MS = 1000;
/** How long an answer may wait while there are too many, in milliseconds: 1.7 MB at 170 KB a second. */
const CROWDED_LIMIT_MS = 10_000;
/** How long a client may take nothing while it goes on sending, in milliseconds. */
const STALL_LIMIT_MS = 60_000;
/** Requests that one connection may have sent ahead of their answers. Browsers and proxies send none ahead. */
const MAX_PIPELINED = 32;

/** The part of Node's `Socket` in use here. */
export interface Connection {
  /** Bytes that have come in so far. */
  readonly bytesRead: number;
  /** Bytes that were handed over to go out, and how many of them still wait. */
  readonly bytesWritten: number;
  readonly writableLength: number;
  readonly destroyed: boolean;
  destroy(): unknown;
}

/** The part of Node's `ServerResponse` in use here. */
export interface Outgoing {
  /** None while an earlier answer of the same connection is on its way. */
  readonly socket: object | null;
  readonly req: { readonly socket: Connection };
  on(event: 'close', listener: (this: Outgoing) => void): unknown;
}

/**
 * Keeps count of answers that wait for their client to take them, and of requests that a connection has sent
 * ahead: both hold memory that a client who reads nothing would hold for as long as it likes.
 */
export class UnsentAnswers {
  readonly #max: number;
  readonly #crowdedSweeps: number;
  readonly #stallSweeps: number;
  /** Each with the sweep before which it began to wait, in that order. */
  readonly #waiting = new Map<Outgoing, number>();
  readonly #pipelined = new Map<Connection, number>();
  /** What had gone out and come in when an answer last moved, and the sweep that saw it. */
  readonly #moves = new Map<Connection, { sent: number; received: number; at: number }>();
  readonly #onClose: (this: Outgoing) => void;
  #sweeps = 0;

  /**
   * @param max more answers than this may not wait for longer than `limitMs`
   * @param limitMs in milliseconds
   * @param stallMs in milliseconds
   */
  constructor(max: number, limitMs = CROWDED_LIMIT_MS, stallMs = STALL_LIMIT_MS) {
    this.#max = max;
    const sweepMs = Math.min(SWEEP_MS, limitMs / 2, stallMs / 2);
    this.#crowdedSweeps = limitMs / sweepMs;
    this.#stallSweeps = stallMs / sweepMs;
    const forget = this.#forget.bind(this);
    this.#onClose = function () {
      forget(this);
    };
    setInterval(() => this.#sweep(), sweepMs).unref();
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Notes that a request has come. Returns whether its connection has too many before it. */
  isTooFarAhead(outgoing: Outgoing): boolean {
    if (outgoing.socket !== null) return false;
    const { socket } = outgoing.req;
    const ahead = this.#pipelined.get(socket) ?? 0;
    if (ahead >= MAX_PIPELINED) return true;
    this.#pipelined.set(socket, ahead + 1);
    return false;
  }

  /** Notes that the answer of a request is ready to go out. */
  add(outgoing: Outgoing): void {
    if (outgoing.req.socket.destroyed) return;
    this.#waiting.set(outgoing, this.#sweeps);
    outgoing.on('close', this.#onClose);
  }

  #forget(outgoing: Outgoing): void {
    this.#waiting.delete(outgoing);
    if (this.#pipelined.size === 0) return;
    const { socket } = outgoing.req;
    const ahead = (this.#pipelined.get(socket) ?? 0) - 1;
    if (ahead > 0) this.#pipelined.set(socket, ahead);
    else this.#pipelined.delete(socket);
  }

  #sweep(): void {
    this.#sweeps += 1;
    let excess = this.#waiting.size - this.#max;
    for (const [outgoing, since] of this.#waiting) {
      const { socket } = outgoing.req;
      if (excess > 0 && this.#sweeps - since > this.#crowdedSweeps) socket.destroy();
      else if (this.#isStalled(socket)) socket.destroy();
      else if (!socket.destroyed) continue;
      // An answer that still had another before it is not told that its connection is gone.
      this.#waiting.delete(outgoing);
      excess -= 1;
    }
    for (const socket of this.#pipelined.keys()) {
      if (socket.destroyed) this.#pipelined.delete(socket);
    }
    for (const [socket, { at }] of this.#moves) {
      // No answer of it waits any more, or it is gone.
      if (socket.destroyed || at + this.#stallSweeps + 1 < this.#sweeps) this.#moves.delete(socket);
    }
  }

  /**
   * Whether a client has taken nothing for too long and has sent something meanwhile: Node's own timer, which ends
   * clients that do neither, restarts with each byte that comes in.
   */
  #isStalled(socket: Connection): boolean {
    const sent = socket.bytesWritten - socket.writableLength;
    const last = this.#moves.get(socket);
    if (!last || last.sent !== sent) {
      this.#moves.set(socket, { sent, received: socket.bytesRead, at: this.#sweeps });
      return false;
    }
    return last.received !== socket.bytesRead && this.#sweeps - last.at >= this.#stallSweeps;
  }
}
