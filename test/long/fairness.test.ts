import { describeFairness } from '../support/fairness.ts';

describeFairness(['bun', 'deno']);
