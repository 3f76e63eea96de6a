import type { CreateMac } from './core/crypto/derived-key.ts';
import type { Database } from './core/db/database.ts';
import type { BodyLimits } from './core/http/body-budget.ts';
import type { Logger } from './core/log.ts';
import type { FloodGate, ReadAsset } from './core/ports.ts';
import type { VerifyBcrypt } from './features/passwords/legacy-hash.ts';

/** What a runtime brings along. */
export interface Platform {
  readonly db: Database;
  readonly log: Logger;
  /** Reads one of our static files, named as under `public/`; `undefined` where there is none. */
  readonly readAsset: ReadAsset;
  /** Tells whether a caller is not flooding us, as what stands in front of us counts; only some have it. */
  readonly floodGate?: FloodGate | undefined;
  /** Milliseconds since 1970; `Date.now` unless a test says otherwise. */
  readonly clock?: () => number;
  /** How much password work runs at once; without a bound where the platform sees to that itself. */
  readonly passwordPermits?: number;
  /** Verifies bcrypt hashes off the thread that serves, where the platform has others. */
  readonly verifyBcrypt?: VerifyBcrypt;
  /** Makes MACs faster than those that run everywhere. */
  readonly createMac?: CreateMac | undefined;
  /** How many bodies may come in at once, where the platform does not see to that itself; and for how long. */
  readonly bodyLimits?: Partial<BodyLimits>;
}
