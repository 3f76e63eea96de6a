import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Env } from '../../src/core/http/env.ts';
import { createAdmission } from '../../src/runtime/servers/admission.ts';
import { UnsentAnswers } from '../../src/runtime/servers/unsent-answers.ts';

const request = new Request('http://localhost/');
const ADDRESS = '192.0.2.7';

/** Creates an admission whose requests stay in flight until the test ends them. */
function createDoor({
  max,
  isLagging = () => false,
  crowdedMs = 200,
  stallMs = 60_000,
}: {
  max: number;
  isLagging?: () => boolean;
  crowdedMs?: number;
  stallMs?: number;
}) {
  const ends: ((error?: Error) => void)[] = [];
  const seen: Env['Bindings'][] = [];
  const unsent = new UnsentAnswers(max);
  unsent.start({ stallMs, crowdedMs });
  const serve = createAdmission(
    max,
    isLagging,
    unsent,
  )((_, bindings) => {
    seen.push(bindings);
    if (bindings.isOverloaded) return new Response(null, { status: 503 });
    return new Promise((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve(new Response())));
    });
  });
  return { ends, seen, unsent, serve };
}

class TestConnection extends EventEmitter {
  bytesRead = 0;
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;

  setTimeout(): void {}

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const createConnection = (): TestConnection => new TestConnection();

/** Creates a response that waits for its client until the test says otherwise. */
function createOutgoing({ connection = createConnection(), isQueued = false } = {}) {
  const req = { socket: connection };
  return Object.assign(new EventEmitter(), { socket: isQueued ? null : {}, req });
}

test('flags requests that arrive while too many are in flight, and accepts more when some have ended', async () => {
  const { ends, seen, serve } = createDoor({ max: 2 });
  const [first, second] = [serve(request, ADDRESS), serve(request, ADDRESS)];
  await serve(request, ADDRESS);
  ends[0]?.();
  await first;
  const third = serve(request, ADDRESS);
  ends[1]?.(new Error('a response that failed has ended too'));
  await expect(second).rejects.toThrow();
  void serve(request, ADDRESS);
  expect(seen.map(({ isOverloaded }) => isOverloaded)).toEqual([false, false, true, false, false]);
  expect(seen[0]?.clientAddress).toBe(ADDRESS);
  for (const end of ends) end();
  await third;
});

test('flags requests that arrive while the process lags', async () => {
  const { seen, serve } = createDoor({ max: 2, isLagging: () => true });
  await serve(request, ADDRESS);
  expect(seen[0]?.isOverloaded).toBe(true);
});

test('[S44] a response counts half while it waits for its client', async () => {
  const { ends, seen, unsent, serve } = createDoor({ max: 2 });
  const connections = Array.from({ length: 4 }, () => createConnection());
  for (const connection of connections) {
    unsent.watch(connection);
    const served = serve(request, ADDRESS, createOutgoing({ connection }));
    ends.at(-1)?.();
    await served;
    connection.writableLength = 1;
  }
  await delay(100);
  expect(unsent.count).toBe(4);
  await serve(request, ADDRESS);
  connections[0]?.destroy();
  if (connections[1]) connections[1].writableLength = 0;
  await delay(100);
  expect(unsent.count).toBe(2);
  void serve(request, ADDRESS);
  expect(seen.map(({ isOverloaded }) => isOverloaded)).toEqual([
    ...Array(4).fill(false),
    true,
    false,
  ]);
});

test('[S44] if too many responses wait, destroys the oldest connections until the permitted number is left', async () => {
  const { unsent } = createDoor({ max: 2, crowdedMs: 200 });
  const connections = Array.from({ length: 3 }, () => createConnection());
  for (const connection of connections) {
    unsent.watch(connection);
    connection.writableLength = 1;
  }
  await delay(500);
  expect(connections.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(unsent.count).toBe(2);
});

test('[S44] destroys the connection of a client that reads nothing but keeps sending, not of one that reads slowly', async () => {
  const { unsent } = createDoor({ max: 10, stallMs: 200 });
  const [deaf, slow, silent] = [createConnection(), createConnection(), createConnection()];
  for (const connection of [deaf, slow, silent]) {
    Object.assign(connection, { bytesWritten: 1000, writableLength: 1000 });
    unsent.watch(connection);
  }
  const sending = setInterval(() => {
    deaf.bytesRead += 2;
    slow.bytesRead += 2;
    slow.writableLength -= 1;
  }, 20);
  await delay(700);
  clearInterval(sending);
  // Node's own timer ends the connection of the silent client.
  expect([deaf, slow, silent].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(unsent.count).toBe(2);
});

test('[S44] flags requests of a connection that has more than 32 pipelined requests', async () => {
  const { ends, seen, unsent, serve } = createDoor({ max: 100 });
  const connection = createConnection();
  unsent.watch(connection);
  const first = serve(request, ADDRESS, createOutgoing({ connection }));
  const queued = Array.from({ length: 33 }, () => createOutgoing({ connection, isQueued: true }));
  const served = queued.map((one) => serve(request, ADDRESS, one));
  expect(seen.filter(({ isOverloaded }) => isOverloaded)).toHaveLength(1);
  void serve(request, ADDRESS, createOutgoing({ isQueued: true }));
  expect(seen.at(-1)?.isOverloaded).toBe(false);
  for (const end of ends) end();
  await Promise.all([first, ...served]);
  for (const one of queued) one.emit('close');
  expect(unsent.count).toBe(1);
  void serve(request, ADDRESS, createOutgoing({ connection, isQueued: true }));
  expect([seen.at(-1)?.isOverloaded, unsent.count]).toEqual([false, 2]);
  connection.destroy();
  expect(unsent.count).toBe(1);
});
