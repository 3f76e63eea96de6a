import { describeFairness } from '../support/fairness.ts';

// test/long tests Bun and Deno.
describeFairness(['node']);
