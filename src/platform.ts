import type { CreateMac } from './core/crypto/derived-key.ts';
import type { Database } from './core/db/database.ts';
import type { BodyLimits } from './core/http/body-budget.ts';
import type { Logger } from './core/log.ts';
import type {
  FileStore,
  FloodGate,
  Mailer,
  Meter,
  Outbound,
  ReadAsset,
  SmsSender,
} from './core/ports.ts';
import type { VerifyBcrypt } from './features/passwords/legacy-hash.ts';

/**
 * What a runtime brings: a record of ports. One is not in here, since it belongs to a request: `later`, see
 * `core/http/later.ts`.
 */
export interface Platform {
  readonly db: Database;
  readonly log: Logger;
  /** The one way out: bounded in time and size, follows no redirect, sends once. */
  readonly fetch: Outbound;
  /** Reads one of our static files, named as under `public/`; `undefined` where there is none. */
  readonly readAsset: ReadAsset;
  /** True if a caller stays below the flood limit of the platform; only some platforms have one. */
  readonly floodGate?: FloodGate | undefined;
  /** Milliseconds since 1970; `Date.now` unless a test says otherwise. */
  readonly clock?: () => number;
  /** How much password work runs at once; without a bound where the platform sees to that itself. */
  readonly passwordPermits?: number;
  /** Verifies bcrypt hashes off the thread that serves, where the platform has others. */
  readonly verifyBcrypt?: VerifyBcrypt;
  /** Creates faster MACs than the portable ones. */
  readonly createMac?: CreateMac | undefined;
  readonly mail?: Mailer;
  readonly sms?: SmsSender;
  readonly files?: FileStore;
  /** Takes measurements; they are dropped if there is none. */
  readonly meter?: Meter;
  /** How many bodies may come in at once, where the platform does not see to that itself; and for how long. */
  readonly bodyLimits?: Partial<BodyLimits>;
}
