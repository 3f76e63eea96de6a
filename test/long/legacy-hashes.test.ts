import { describeLegacyHashes, describeSlowLogins, SLOW_HASHES } from '../support/legacy-hashes.ts';

describeLegacyHashes(['bun', 'deno']);
describeSlowLogins(['bun', 'deno']);
// test/runtime tests the first one on Node.
describeSlowLogins(['node'], SLOW_HASHES.slice(1));
