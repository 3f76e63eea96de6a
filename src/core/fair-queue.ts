import { BoundedMap } from './bounded-map.ts';
import { networksOf } from './network.ts';

/** The part of the queue that one network may have. */
const NETWORK_SHARE = 1 / 4;
/** How many networks are remembered by when they had their last turn. Bounds the memory. */
const MAX_REMEMBERED = 1000;

/** Something that waits for its turn. */
export interface Waiting {
  /** Called when its turn has come. It counts as running until {@link FairQueue.end}. */
  start(): void;
  /** Called when its place is given to a caller that goes first. */
  refuse(): void;
}

/** The work that one network has here. */
interface Presence {
  readonly key: string;
  running: number;
  waiting: number;
}

/** The work of one caller, waiting or running. */
export interface Ticket {
  /** The caller's networks, the widest first: a /48, a /56 and a /64, or one IPv4 address. */
  readonly networks: readonly Presence[];
  /** The widest of them. */
  readonly site: Presence;
  /** Grows with each ticket. */
  readonly number: number;
}

/**
 * A queue in which no network shuts out the others. Of two that wait, the one whose network has less work
 * here, waiting and running together, goes first: by /48, then /56, then /64. Of equals the one whose network
 * had its last turn longer ago goes first, then the one that came first. One network has a quarter of the
 * places at most. In a full queue, or a full quarter, a newcomer takes the place of the last in that order,
 * unless that is itself.
 */
export interface FairQueue {
  /**
   * @param address where the caller is; all without one are one network
   * @returns how many would go before it, or `undefined` where it has no place
   */
  aheadOf(address: string | null): number | undefined;
  /** Waits. Only where {@link aheadOf} has a place for it. */
  join(address: string | null, waiting: Waiting): Ticket;
  /** Stops waiting, without a turn. */
  leave(ticket: Ticket): void;
  /** Runs at once, without having waited. */
  begin(address: string | null): Ticket;
  /** Stops running. */
  end(ticket: Ticket): void;
  /** Starts the first. Returns false where nothing waits. */
  startNext(): boolean;
}

const NEVER: Waiting = { start() {}, refuse() {} };

/** @param capacity how many wait at most */
export function createFairQueue(capacity: number): FairQueue {
  const networkCapacity = Math.max(1, Math.floor(capacity * NETWORK_SHARE));
  const waiting = new Map<Ticket, Waiting>();
  const presences = new Map<string, Presence>();
  /** The number of the turn that a network had last. */
  const lastTurns = new BoundedMap<string, number>(MAX_REMEMBERED);
  let tickets = 0;
  let turns = 0;

  function ticketFor(address: string | null): Ticket {
    const [narrowest, ...wider] = networksOf(address ?? '').map(
      ({ key }) => presences.get(key) ?? { key, running: 0, waiting: 0 },
    );
    if (!narrowest) throw new Error('an address is in one network at least');
    const networks = [narrowest, ...wider].reverse();
    return { networks, site: networks[0] ?? narrowest, number: ++tickets };
  }

  function count({ networks }: Ticket, what: 'running' | 'waiting', change: 1 | -1): void {
    for (const network of networks) {
      network[what] += change;
      if (network.running + network.waiting > 0) presences.set(network.key, network);
      else presences.delete(network.key);
    }
  }

  /** Negative where `a` goes first. */
  function compare(a: Ticket, b: Ticket): number {
    for (let level = 0; level < a.networks.length || level < b.networks.length; level++) {
      const difference = presentAt(a, level) - presentAt(b, level);
      if (difference !== 0) return difference;
    }
    return lastTurnOf(a) - lastTurnOf(b) || a.number - b.number;
  }

  const lastTurnOf = ({ site }: Ticket): number => lastTurns.get(site.key) ?? 0;

  /** Of those that are one too many where the caller has come in: the last. */
  function oneTooMany({ site }: Ticket): Ticket | undefined {
    const isFull = site.waiting > networkCapacity;
    if (!isFull && waiting.size <= capacity) return undefined;
    let last: Ticket | undefined;
    for (const ticket of waiting.keys()) {
      if (isFull && ticket.site !== site) continue;
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
    leave,

    aheadOf(address) {
      // As it would be with the caller: a place more counts for all in its networks.
      const ticket = enter(address, NEVER);
      let ahead = 0;
      for (const other of waiting.keys()) if (compare(other, ticket) < 0) ahead++;
      const hasPlace = oneTooMany(ticket) !== ticket;
      leave(ticket);
      return hasPlace ? ahead : undefined;
    },

    join(address, entry) {
      const ticket = enter(address, entry);
      const last = oneTooMany(ticket);
      const refused = last && waiting.get(last);
      if (last) leave(last);
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

/** The work of a ticket's network. An IPv4 address is its own network at each level. */
function presentAt({ networks, site }: Ticket, level: number): number {
  const { running, waiting } = networks[level] ?? networks.at(-1) ?? site;
  return running + waiting;
}
