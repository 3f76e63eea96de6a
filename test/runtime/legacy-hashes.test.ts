import { describeLegacyHashes, describeSlowLogins } from '../support/legacy-hashes.ts';

// test/long tests Bun and Deno, and the other expensive hashes.
describeLegacyHashes(['node']);
describeSlowLogins(['node'], ['bcrypt of cost 14']);
