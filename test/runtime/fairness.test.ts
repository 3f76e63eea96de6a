import { describeFairness } from '../support/fairness.ts';

// Bun and Deno: test/long.
describeFairness(['node']);
