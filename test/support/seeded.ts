const DEFAULT_SEED = 2_011_215_533;

/** Returns the seed of an attack, which is fixed unless `ATTACK_SEED` is set. */
export function attackSeed(): number {
  const given = process.env.ATTACK_SEED;
  const seed = given === undefined ? DEFAULT_SEED : Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error('ATTACK_SEED must be an integer');
  return seed;
}

/**
 * Creates a pseudorandom generator of numbers from 0 (inclusive) to 1 (exclusive). Deterministic for a seed
 * (mulberry32).
 */
export function seededNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
