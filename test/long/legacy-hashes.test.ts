import { describeLegacyHashes } from '../support/legacy-hashes.ts';

describeLegacyHashes(['bun', 'deno']);
