import type { App } from '../../src/app.ts';

/**
 * Creates a body that arrives when `release` is called. `isAwaited` resolves once the app reads the body, which is
 * after the guard.
 */
function withheldBody(text: string) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let noteRead = () => {};
  const isAwaited = new Promise<void>((resolve) => {
    noteRead = resolve;
  });
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        noteRead();
        await released;
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, isAwaited, release: () => release() };
}

/** Sends a request whose JSON body arrives only after `meanwhile`. */
export async function sendSlowly(
  { app }: { readonly app: App },
  [method, path]: readonly [string, string],
  text: unknown,
  headers: Record<string, string>,
  meanwhile: () => unknown,
) {
  const { body, isAwaited, release } = withheldBody(JSON.stringify(text));
  const type = { 'Content-Type': 'application/json' };
  const init = { method, headers: { ...type, ...headers }, body, duplex: 'half' };
  const answer = app.request(path, init);
  await isAwaited;
  await meanwhile();
  release();
  return answer;
}
