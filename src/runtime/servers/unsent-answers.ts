/** Time between two sweeps over the connections, in milliseconds. */
const SWEEP_MS = 250;
/** Maximum number of pipelined requests on one connection. Browsers and proxies do not pipeline. */
const MAX_PIPELINED = 32;
/** Consecutive quiet periods that count as a stall. */
const QUIET_PERIODS = 6;

/** The part of Node's `Socket` that is used here. */
export interface Connection {
  /** Bytes received so far. */
  readonly bytesRead: number;
  /** Bytes written to the socket so far, including those still buffered. */
  readonly bytesWritten: number;
  /** Bytes still buffered. */
  readonly writableLength: number;
  /** The timeout that was set last, in milliseconds. */
  readonly timeout?: number;
  setTimeout(ms: number): unknown;
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** The part of Node's `ServerResponse` that is used here. */
export interface Outgoing {
  /** `null` while an earlier response on the same connection is unfinished. */
  readonly socket: object | null;
  readonly req: { readonly socket: Pick<Connection, 'bytesRead'> };
  once(event: 'close', listener: () => void): unknown;
}

/** How long responses may wait for their clients, in milliseconds. */
export interface AnswerLimits {
  /** Without any progress. Enforced up to a third later. */
  readonly stallMs: number;
  /** In total, while too many responses wait. */
  readonly crowdedMs: number;
}

/** A connection whose client has not read all bytes yet. All times are from `performance.now()`. */
interface Waiting {
  readonly since: number;
  /** Bytes sent and received when a response last made progress, and the time when a sweep noticed it. */
  sent: number;
  received: number;
  movedAt: number;
  /** Consecutive quiet periods, and when the last one ended. */
  periods: number;
  quietAt: number;
}

/**
 * Tracks responses that wait for their clients to read them, and pipelined requests: a client that does not read could
 * make both hold memory indefinitely. Finds them in periodic sweeps, so that a response that is read at once, as nearly
 * all are, costs nothing.
 */
export class UnsentAnswers {
  readonly #max: number;
  readonly #connections = new Set<Connection>();
  /** Ordered by waiting time, longest first. */
  readonly #waiting = new Map<Connection, Waiting>();
  readonly #pipelined = new Map<Outgoing['req']['socket'], number>();
  #limits: AnswerLimits | undefined;
  #totalPipelined = 0;

  /** @param max number of responses and pipelined requests that may wait for longer than `crowdedMs` */
  constructor(max: number) {
    this.#max = max;
  }

  /** The number of waiting responses and of pipelined requests. */
  get count(): number {
    return this.#waiting.size + this.#totalPipelined;
  }

  /** Starts the sweeps. */
  start(limits: AnswerLimits): void {
    this.#limits = limits;
    const sweepMs = Math.min(SWEEP_MS, limits.crowdedMs / 4);
    setInterval(() => this.#sweep(limits), sweepMs).unref();
  }

  /** Tracks a connection until it closes. */
  watch(connection: Connection): void {
    this.#connections.add(connection);
    connection.once('close', () => {
      this.#connections.delete(connection);
      this.#waiting.delete(connection);
      this.#totalPipelined -= this.#pipelined.get(connection) ?? 0;
      this.#pipelined.delete(connection);
    });
  }

  /** Registers a request. Returns true if its connection has already pipelined too many requests. */
  isPipelinedTooFar(outgoing: Outgoing): boolean {
    if (outgoing.socket !== null) return false;
    const { socket } = outgoing.req;
    const pipelined = this.#pipelined.get(socket) ?? 0;
    if (pipelined >= MAX_PIPELINED) return true;
    this.#pipelined.set(socket, pipelined + 1);
    this.#totalPipelined += 1;
    outgoing.once('close', () => {
      const left = this.#pipelined.get(socket);
      // `undefined` if the connection has closed. Its requests are then already subtracted.
      if (left === undefined) return;
      if (left > 1) this.#pipelined.set(socket, left - 1);
      else this.#pipelined.delete(socket);
      this.#totalPipelined -= 1;
    });
    return false;
  }

  /**
   * Handles the timeout event of a connection, which Node emits after a period without activity. Destroys the
   * connection if it has stalled for too long, or if this is the timeout between two requests.
   */
  handleTimeout(connection: Connection): void {
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
      // All later connections have waited for less time.
      if (excess <= 0 || now - since < crowdedMs) return;
      excess -= 1 + (this.#pipelined.get(connection) ?? 0);
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
 * True if a client has read nothing for too long but has sent bytes meanwhile. Node's own timer restarts with each byte
 * received, so it detects only clients that neither read nor send.
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
