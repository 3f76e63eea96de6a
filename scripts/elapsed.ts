const EVERY_MS = 15_000;

/**
 * Prints every 15 seconds how long a step has taken. Returns a function that stops this. Prints nothing on a terminal,
 * where the step itself shows its progress.
 */
export function showElapsed(step: string): () => void {
  if (process.stdout.isTTY) return () => {};
  const startMs = performance.now();
  const timer = setInterval(() => {
    console.log(`${step}: ${Math.round((performance.now() - startMs) / 1000)} s …`);
  }, EVERY_MS);
  return () => clearInterval(timer);
}
