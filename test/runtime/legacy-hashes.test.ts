import { describeLegacyHashes } from '../support/legacy-hashes.ts';

// Bun and Deno: test/long.
describeLegacyHashes(['node']);
