import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFairQueue, type Ticket } from '../../src/core/fair-queue.ts';

/** A queue, and the state of each caller by name: `waits`, `runs` or `refused`. */
function newRoom(capacity: number) {
  const queue = createFairQueue(capacity);
  const states = new Map<string, 'waits' | 'runs' | 'refused'>();
  const tickets = new Map<string, Ticket>();
  let names = 0;

  /** Joins the queue. Returns the caller's name: the address and a number. */
  function join(address: string): string {
    const name = `${address} #${++names}`;
    if (queue.aheadOf(address) === undefined) {
      states.set(name, 'refused');
      return name;
    }
    states.set(name, 'waits');
    const ticket = queue.join(address, {
      start: () => states.set(name, 'runs'),
      refuse: () => states.set(name, 'refused'),
    });
    tickets.set(name, ticket);
    return name;
  }

  const those = (state: string) =>
    [...states].filter(([, its]) => its === state).map(([name]) => name);

  /** Starts the next caller and ends it. Returns its name, or `undefined` if the queue is empty. */
  function serve(): string | undefined {
    if (!queue.startNext()) return undefined;
    const [name = ''] = those('runs');
    const ticket = tickets.get(name);
    if (ticket) queue.end(ticket);
    states.delete(name);
    return name;
  }

  return { queue, join, serve, those, stateOf: (name: string) => states.get(name) };
}

const subnet = (n: number): string => `2001:db8:1:${n.toString(16)}::1`;

describe('[S47] the password queue', () => {
  test('one /48 gets at most a quarter of it, however many networks it contains', () => {
    const { join, those } = newRoom(24);
    for (let n = 0; n < 512; n++) join(subnet(n));
    expect(those('waits')).toHaveLength(6);
  });

  test('one network has a place, even in a short queue', () => {
    const { join, stateOf } = newRoom(2);
    expect([join('198.51.100.1'), join('198.51.100.1')].map(stateOf)).toEqual(['waits', 'refused']);
  });

  test('the network with the fewest callers goes first: by /48, then /56, then /64', () => {
    const { join, serve } = newRoom(100);
    const crowd = [subnet(0), subnet(0), subnet(1), subnet(0x100)].map(join);
    const strangers = ['2001:db8:2::1', '203.0.113.7'].map(join);
    expect([serve(), serve()]).toEqual(strangers);
    // The /56 with one caller, the /64 with one caller in the /56 with three, then the others in order of arrival.
    expect([serve(), serve(), serve(), serve()]).toEqual([crowd[3], crowd[2], crowd[0], crowd[1]]);
  });

  test('running work counts: a network without permits goes before one with a permit', () => {
    const { queue, join, serve } = newRoom(100);
    const running = queue.begin('198.51.100.1');
    join('198.51.100.1');
    const late = join('198.51.100.2');
    expect(serve()).toBe(late);
    queue.end(running);
  });

  test('among equals, the network served longest ago goes first, then the first to arrive', () => {
    const { join, serve } = newRoom(100);
    join('198.51.100.1');
    serve();
    const again = join('198.51.100.1');
    const [second, third] = [join('198.51.100.2'), join('198.51.100.3')];
    expect([serve(), serve(), serve()]).toEqual([second, third, again]);
  });

  test('in a full queue, a newcomer replaces the last caller of the network with the most', () => {
    const { join, those, stateOf } = newRoom(24);
    const crowd: string[] = [];
    for (let n = 0; n < 24; n++) crowd.push(join(`198.51.100.${n % 6}`));
    expect(those('waits')).toHaveLength(24);
    const stranger = join('203.0.113.7');
    expect(stateOf(stranger)).toBe('waits');
    expect(those('refused')).toEqual([crowd[23]]);
    // The fifth caller of a network is not a newcomer.
    expect(stateOf(join('198.51.100.0'))).toBe('refused');
  });

  test('an address that was not served yet replaces one that was, though each waits once', () => {
    const { join, serve, stateOf } = newRoom(24);
    const addresses = Array.from({ length: 24 }, (_, n) => `198.51.100.${n}`);
    for (const address of addresses) join(address);
    for (const _ of addresses) serve();
    for (const address of addresses) join(address);
    const stranger = join('203.0.113.7');
    expect(stateOf(stranger)).toBe('waits');
    expect(serve()).toBe(stranger);
  });

  test('in a full quarter, a neighboring network replaces a caller of one with more', () => {
    const { join, stateOf } = newRoom(24);
    const crowd = Array.from({ length: 6 }, () => join(subnet(0)));
    const neighbour = join(subnet(1));
    expect(stateOf(neighbour)).toBe('waits');
    expect(stateOf(crowd[5] ?? '')).toBe('refused');
  });

  test('any sequence: shares hold, the smallest network is next, all are served or refused', () => {
    const address = fc.oneof(
      fc.nat(5).map((n) => `198.51.100.${n}`),
      fc.tuple(fc.nat(2), fc.nat(600)).map(([s, n]) => `2001:db8:${s}:${n.toString(16)}::1`),
    );
    const step = fc.oneof({ weight: 3, arbitrary: address }, fc.constant(null));
    const siteOf = (name: string) => /^(2001:db8:\d+|[\d.]+)/.exec(name)?.[0] ?? '';
    fc.assert(
      fc.property(fc.nat(40), fc.array(step, { maxLength: 120 }), (capacity, steps) => {
        const { join, serve, those } = newRoom(capacity);
        const share = Math.max(1, Math.floor(capacity / 4));
        const waitingOf = (site: string) =>
          those('waits').filter((name) => siteOf(name) === site).length;
        for (const next of steps) {
          if (next) join(next);
          const before = new Map(those('waits').map((name) => [name, waitingOf(siteOf(name))]));
          expect(before.size).toBeLessThanOrEqual(capacity);
          for (const count of before.values()) expect(count).toBeLessThanOrEqual(share);
          if (next) continue;
          const served = serve();
          expect(served === undefined).toBe(before.size === 0);
          if (served) expect(before.get(served)).toBe(Math.min(...before.values()));
        }
        while (serve()) {
          // Until the queue is empty.
        }
        expect(those('waits')).toEqual([]);
        // All places are free again.
        for (let n = 0; n < capacity; n++) join(`203.0.113.${n}`);
        expect(those('waits')).toHaveLength(capacity);
      }),
    );
  });
});
