/** How often connections are looked at, in milliseconds. */
const SWEEP_MS = 250;
/** Requests that one connection may have sent ahead of their answers. Browsers and proxies send none ahead. */
const MAX_AHEAD = 32;
/** Quiet periods in a row that make a stall. */
const QUIET_PERIODS = 6;

/** The part of Node's `Socket` in use here. */
export interface Connection {
  /** Bytes that have come in so far. */
  readonly bytesRead: number;
  /** Bytes that were handed over to go out, and how many of them still wait. */
  readonly bytesWritten: number;
  readonly writableLength: number;
  /** The one that was set last. */
  readonly timeout?: number;
  setTimeout(ms: number): unknown;
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** The part of Node's `ServerResponse` in use here. */
export interface Outgoing {
  /** None while an earlier answer of the same connection is on its way. */
  readonly socket: object | null;
  readonly req: { readonly socket: Pick<Connection, 'bytesRead'> };
  once(event: 'close', listener: () => void): unknown;
}

/** How long answers may wait for their client, in milliseconds. */
export interface AnswerLimits {
  /** Without a byte taken; or up to a third longer. */
  readonly stallMs: number;
  /** In all, while more wait than may. */
  readonly crowdedMs: number;
}

/** A connection that has something to take. All times are by `performance.now()`. */
interface Waiting {
  readonly since: number;
  /** What had gone out and come in when an answer last moved, and when that was seen. */
  sent: number;
  received: number;
  movedAt: number;
  /** Quiet periods in a row, and when the last of them ended. */
  periods: number;
  quietAt: number;
}

/**
 * Keeps count of answers that wait for their client to take them, and of requests that connections have sent
 * ahead: both hold memory for as long as a client that reads nothing likes. Connections are looked at now and
 * then, so that an answer that is taken at once, as nearly all are, costs nothing.
 */
export class UnsentAnswers {
  readonly #max: number;
  readonly #connections = new Set<Connection>();
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<Connection, Waiting>();
  readonly #ahead = new Map<Outgoing['req']['socket'], number>();
  #limits: AnswerLimits | undefined;
  #totalAhead = 0;

  /** @param max how many answers may wait for long */
  constructor(max: number) {
    this.#max = max;
  }

  /** Answers that wait, and requests behind them. */
  get count(): number {
    return this.#waiting.size + this.#totalAhead;
  }

  /** Looks after connections from now on. */
  start(limits: AnswerLimits): void {
    this.#limits = limits;
    const sweepMs = Math.min(SWEEP_MS, limits.crowdedMs / 4);
    setInterval(() => this.#sweep(limits), sweepMs).unref();
  }

  /** Looks after this connection until it is closed. */
  watch(connection: Connection): void {
    this.#connections.add(connection);
    connection.once('close', () => {
      this.#connections.delete(connection);
      this.#waiting.delete(connection);
      this.#totalAhead -= this.#ahead.get(connection) ?? 0;
      this.#ahead.delete(connection);
    });
  }

  /** Notes that a request has come. Returns whether its connection has too many before it. */
  isTooFarAhead(outgoing: Outgoing): boolean {
    if (outgoing.socket !== null) return false;
    const { socket } = outgoing.req;
    const ahead = this.#ahead.get(socket) ?? 0;
    if (ahead >= MAX_AHEAD) return true;
    this.#ahead.set(socket, ahead + 1);
    this.#totalAhead += 1;
    outgoing.once('close', () => {
      const left = this.#ahead.get(socket);
      // The connection may be gone, and what it had sent ahead with it.
      if (left === undefined) return;
      if (left > 1) this.#ahead.set(socket, left - 1);
      else this.#ahead.delete(socket);
      this.#totalAhead -= 1;
    });
    return false;
  }

  /**
   * Takes the timeout of a connection, after which Node has seen nothing of its answer move: destroys it if it
   * has stalled for long enough, or if the timeout is that between two requests.
   */
  takeTimeout(connection: Connection): void {
    const periodMs = (this.#limits?.stallMs ?? 0) / QUIET_PERIODS;
    if (connection.timeout !== periodMs) {
      connection.destroy();
      return;
    }
    const waiting = this.#waiting.get(connection);
    if (!waiting) return;
    const now = performance.now();
    waiting.periods = now - waiting.quietAt < 1.5 * periodMs ? waiting.periods + 1 : 1;
    waiting.quietAt = now;
    if (waiting.periods === QUIET_PERIODS) connection.destroy();
    else connection.setTimeout(periodMs);
  }

  #sweep({ stallMs, crowdedMs }: AnswerLimits): void {
    const now = performance.now();
    for (const connection of this.#connections) {
      const waiting = this.#waiting.get(connection);
      if (connection.writableLength === 0) {
        if (waiting) this.#waiting.delete(connection);
      } else if (!waiting) {
        this.#begin(connection, now);
        connection.setTimeout(stallMs / QUIET_PERIODS);
      } else if (isStalled(connection, waiting, now, stallMs)) {
        connection.destroy();
      }
    }
    let excess = this.count - this.#max;
    for (const [connection, { since }] of this.#waiting) {
      // Those that follow have waited for less.
      if (excess <= 0 || now - since < crowdedMs) return;
      excess -= 1 + (this.#ahead.get(connection) ?? 0);
      connection.destroy();
    }
  }

  #begin(connection: Connection, now: number): void {
    this.#waiting.set(connection, {
      since: now,
      sent: sentOf(connection),
      received: connection.bytesRead,
      movedAt: now,
      periods: 0,
      quietAt: 0,
    });
  }
}

const sentOf = ({ bytesWritten, writableLength }: Connection): number =>
  bytesWritten - writableLength;

/**
 * True if a client has taken nothing for too long and has sent something meanwhile: Node's own timer, which sees
 * clients that do neither, restarts with each byte that comes in.
 */
function isStalled(
  connection: Connection,
  waiting: Waiting,
  now: number,
  stallMs: number,
): boolean {
  const sent = sentOf(connection);
  if (sent === waiting.sent) {
    return connection.bytesRead !== waiting.received && now - waiting.movedAt >= stallMs;
  }
  Object.assign(waiting, { sent, received: connection.bytesRead, movedAt: now });
  return false;
}
