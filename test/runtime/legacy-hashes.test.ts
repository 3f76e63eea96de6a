import { describeLegacyHashes } from '../support/legacy-hashes.ts';

// test/long tests Bun and Deno.
describeLegacyHashes(['node']);
