import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { Env } from '../src/core/http/env.ts';
import { laterOf } from '../src/core/http/later.ts';
import { createLogger } from '../src/core/log.ts';
import type { Work } from '../src/core/ports.ts';
import { type Background, createBackground } from '../src/runtime/ports/background.ts';
import { unhandledDuring } from './support/unhandled.ts';

const MOST = 1000;

class Unsent extends Error {
  override readonly name = 'Unsent';
}

function createRoom() {
  const logs: string[] = [];
  const log = createLogger('debug', (line) => logs.push(line));
  const background = createBackground(log);
  return {
    background,
    events: () => logs.map((line) => JSON.parse(line)),
    /** Passes work to the `later` of a request. */
    async later(work: Work) {
      const app = new Hono<Env>();
      app.get('/work', (c) => {
        laterOf(c, log)(work);
        return c.body(null, 204);
      });
      return (await app.request('/work', {}, {}, background)).status;
    },
  };
}

/** Starts as much work as the background accepts. Returns a function that ends the work. */
function fill(background: Background): () => void {
  let end = () => {};
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  for (let count = 0; count < MOST; count++) background.waitUntil(work);
  return end;
}

describe('work that fails', () => {
  test('is logged with its error name, is handled, and does not affect other work', async () => {
    const { background, events } = createRoom();
    let isDone = false;
    const reasons = await unhandledDuring(async () => {
      background.waitUntil(Promise.reject(new Unsent('to ada@example.com')));
      background.waitUntil(
        delay(20).then(() => {
          isDone = true;
        }),
      );
      await background.idle();
    });
    expect([reasons, isDone]).toEqual([[], true]);
    expect(events()).toMatchObject([
      { level: 'error', event: 'background_work_failed', error: 'Unsent' },
    ]);
    expect(JSON.stringify(events())).not.toContain('ada@example.com');
  });
});

describe('work above the bound', () => {
  test('is refused, and is accepted again after other work has ended', async () => {
    const { background } = createRoom();
    const end = fill(background);
    expect(() => background.waitUntil(Promise.resolve())).toThrow(RangeError);
    end();
    await background.idle();
    expect(() => background.waitUntil(Promise.resolve())).not.toThrow();
  });

  test('that is already running is logged if it fails', async () => {
    const { background, events } = createRoom();
    fill(background);
    const reasons = await unhandledDuring(async () => {
      expect(() => background.waitUntil(Promise.reject(new Unsent()))).toThrow(RangeError);
    });
    expect(reasons).toEqual([]);
    expect(events()).toMatchObject([{ event: 'background_work_failed', error: 'Unsent' }]);
  });

  test('is not started by later, which logs the refusal and does not throw', async () => {
    const { background, later, events } = createRoom();
    const end = fill(background);
    let starts = 0;
    const work = async () => {
      starts += 1;
    };
    expect([await later(work), starts]).toEqual([204, 0]);
    expect(events()).toMatchObject([
      { level: 'warn', event: 'background_work_refused', error: 'RangeError' },
    ]);
    end();
    await background.idle();
    expect([await later(work), starts]).toEqual([204, 1]);
  });
});

test('idle waits for work, and for the work that it starts', async () => {
  const { background, later } = createRoom();
  const steps: string[] = [];
  await later(async () => {
    steps.push('begun');
    await delay(20);
    background.waitUntil(delay(20).then(() => steps.push('nested')));
  });
  expect(steps).toEqual(['begun']);
  await background.idle();
  expect(steps).toEqual(['begun', 'nested']);
});
