import { BoundedMap } from './bounded-map.ts';
import { networksOf } from './network.ts';

/** The fraction of the queue that one network may occupy. */
const NETWORK_SHARE = 1 / 4;
/** The number of networks whose last turn is remembered. Bounds the memory. */
const MAX_REMEMBERED = 1000;

/** A queued task. */
export interface Waiting {
  /** Called when its turn comes. The task counts as running until {@link FairQueue.end}. */
  start(): void;
  /** Called when another task evicts this one. */
  refuse(): void;
}

/** The number of tasks of one network. */
interface NetworkLoad {
  readonly key: string;
  running: number;
  waiting: number;
}

/** A task of one caller, waiting or running. */
export interface Ticket {
  /** The caller's networks, widest first: a /48, a /56 and a /64, or one IPv4 address. */
  readonly networks: readonly NetworkLoad[];
  /** The widest of these networks. */
  readonly site: NetworkLoad;
  /** Increases with each ticket. */
  readonly number: number;
}

/**
 * A queue in which no network can starve the others. The task whose network has the fewest tasks, waiting and running,
 * goes first: compared by /48, then /56, then /64. Ties go to the network that was served least recently, then to the
 * task that arrived first. One network occupies at most a quarter of the queue. If the queue or that quarter is full, a
 * new task evicts the last task in this order, unless the new task is the last.
 */
export interface FairQueue {
  /** Returns the number of waiting tasks. */
  size(): number;
  /**
   * @param address the caller's address; all callers without an address count as one network
   * @returns the number of tasks ahead of a new one, or `undefined` if there is no place for it
   */
  aheadOf(address: string | null): number | undefined;
  /** Enqueues a task. Requires that {@link aheadOf} has found a place for it. */
  join(address: string | null, waiting: Waiting): Ticket;
  /** Dequeues a task without starting it. */
  leave(ticket: Ticket): void;
  /** Registers a task that runs without having waited. */
  begin(address: string | null): Ticket;
  /** Ends a running task. */
  end(ticket: Ticket): void;
  /** Starts the first task. Returns false if the queue is empty. */
  startNext(): boolean;
}

/** A placeholder to compute the position of a task that has not joined. */
const PROBE: Waiting = { start() {}, refuse() {} };

/** @param capacity maximum number of waiting tasks */
export function createFairQueue(capacity: number): FairQueue {
  const networkCapacity = Math.max(1, Math.floor(capacity * NETWORK_SHARE));
  const waiting = new Map<Ticket, Waiting>();
  const loads = new Map<string, NetworkLoad>();
  /** For each network, the number of its last turn. */
  const lastTurns = new BoundedMap<string, number>(MAX_REMEMBERED);
  let tickets = 0;
  let turns = 0;

  function ticketFor(address: string | null): Ticket {
    const [narrowest, ...wider] = networksOf(address ?? '').map(
      ({ key }) => loads.get(key) ?? { key, running: 0, waiting: 0 },
    );
    if (!narrowest) throw new Error('an address must be in at least one network');
    const networks = [narrowest, ...wider].reverse();
    return { networks, site: networks[0] ?? narrowest, number: ++tickets };
  }

  function count({ networks }: Ticket, what: 'running' | 'waiting', change: 1 | -1): void {
    for (const network of networks) {
      network[what] += change;
      if (network.running + network.waiting > 0) loads.set(network.key, network);
      else loads.delete(network.key);
    }
  }

  /** Negative if `a` goes first. */
  function compare(a: Ticket, b: Ticket): number {
    for (let level = 0; level < a.networks.length || level < b.networks.length; level++) {
      const difference = loadAt(a, level) - loadAt(b, level);
      if (difference !== 0) return difference;
    }
    return lastTurnOf(a) - lastTurnOf(b) || a.number - b.number;
  }

  const lastTurnOf = ({ site }: Ticket): number => lastTurns.get(site.key) ?? 0;

  /**
   * Returns the ticket to evict after a ticket has entered. If the site of that ticket is over its share, this is the
   * last ticket of the site; if the queue is over capacity, it is the last ticket of all.
   */
  function excess({ site }: Ticket): Ticket | undefined {
    const isSiteOver = site.waiting > networkCapacity;
    if (!isSiteOver && waiting.size <= capacity) return undefined;
    let last: Ticket | undefined;
    for (const ticket of waiting.keys()) {
      if (isSiteOver && ticket.site !== site) continue;
      if (!last || compare(ticket, last) > 0) last = ticket;
    }
    return last;
  }

  function enter(address: string | null, entry: Waiting): Ticket {
    const ticket = ticketFor(address);
    waiting.set(ticket, entry);
    count(ticket, 'waiting', 1);
    return ticket;
  }

  function leave(ticket: Ticket): void {
    if (waiting.delete(ticket)) count(ticket, 'waiting', -1);
  }

  function run(ticket: Ticket): Ticket {
    count(ticket, 'running', 1);
    lastTurns.set(ticket.site.key, ++turns);
    return ticket;
  }

  return {
    size: () => waiting.size,

    leave,

    aheadOf(address) {
      // Enters the queue for the comparison, because the new task also adds to the load of its networks.
      const ticket = enter(address, PROBE);
      let ahead = 0;
      for (const other of waiting.keys()) if (compare(other, ticket) < 0) ahead++;
      const hasPlace = excess(ticket) !== ticket;
      leave(ticket);
      return hasPlace ? ahead : undefined;
    },

    join(address, entry) {
      const ticket = enter(address, entry);
      const evicted = excess(ticket);
      const refused = evicted && waiting.get(evicted);
      if (evicted) leave(evicted);
      refused?.refuse();
      return ticket;
    },

    begin: (address) => run(ticketFor(address)),

    end(ticket) {
      count(ticket, 'running', -1);
    },

    startNext() {
      let first: Ticket | undefined;
      for (const ticket of waiting.keys()) if (!first || compare(ticket, first) < 0) first = ticket;
      const entry = first && waiting.get(first);
      if (!first || !entry) return false;
      leave(first);
      run(first);
      entry.start();
      return true;
    },
  };
}

/**
 * Returns the number of tasks in a ticket's network at one level. An IPv4 address is its own network at every level.
 */
function loadAt({ networks, site }: Ticket, level: number): number {
  const { running, waiting } = networks[level] ?? networks.at(-1) ?? site;
  return running + waiting;
}
