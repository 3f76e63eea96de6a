import { expect, test } from 'vitest';
import type { Env } from '../../src/http/env.ts';
import { createAdmission } from '../../src/runtime/admission.ts';

const request = new Request('http://localhost/');
const nowhere = () => undefined;

/** An admission whose requests are under way until they are told otherwise. */
function createDoor({ max, isLagging = () => false }: { max: number; isLagging?: () => boolean }) {
  const ends: ((error?: Error) => void)[] = [];
  const seen: Env['Bindings'][] = [];
  const serve = createAdmission(
    max,
    isLagging,
  )((_, bindings) => {
    seen.push(bindings);
    if (bindings.isOverloaded) return new Response(null, { status: 503 });
    return new Promise((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve(new Response())));
    });
  });
  return { ends, seen, serve };
}

test('marks what comes while too many are under way, and takes more when some have ended', async () => {
  const { ends, seen, serve } = createDoor({ max: 2 });
  const [first, second] = [serve(request, nowhere), serve(request, nowhere)];
  await serve(request, nowhere);
  ends[0]?.();
  await first;
  const third = serve(request, nowhere);
  ends[1]?.(new Error('an answer that failed has ended too'));
  await expect(second).rejects.toThrow();
  void serve(request, nowhere);
  expect(seen.map(({ isOverloaded }) => isOverloaded)).toEqual([false, false, true, false, false]);
  for (const end of ends) end();
  await third;
});

test('marks what comes while the process lags', async () => {
  const { seen, serve } = createDoor({ max: 2, isLagging: () => true });
  await serve(request, nowhere);
  expect(seen[0]?.isOverloaded).toBe(true);
});

test('asks for the address of a client when somebody wants to know, and remembers it', () => {
  const { seen, serve } = createDoor({ max: 1 });
  const answers = ['192.0.2.7', undefined];
  let asked = 0;
  void serve(request, () => answers[asked++]);
  expect(asked).toBe(0);
  const [bindings] = seen;
  expect([bindings?.clientAddress, bindings?.clientAddress, asked]).toEqual([
    '192.0.2.7',
    '192.0.2.7',
    1,
  ]);
});
