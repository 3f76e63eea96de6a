import type { CreateMac } from './core/crypto/derived-key.ts';
import type { Database } from './core/db/database.ts';
import type { BodyLimits } from './core/http/body-budget.ts';
import type { Logger } from './core/log.ts';
import type { Gauges } from './core/metrics/gauges.ts';
import type { Meter } from './core/metrics/meter.ts';
import type {
  FileStore,
  FloodGate,
  Mailer,
  Outbound,
  ReadAsset,
  ReadDocument,
  SmsSender,
} from './core/ports.ts';
import type { Tracer } from './core/tracer.ts';
import type { CreateSmtpMailer } from './features/messages/senders.ts';
import type { SlowHashes } from './features/passwords/schemes/slow-hash.ts';

/**
 * The ports that a runtime provides. The port `later` is not among them because it belongs to a request: see
 * `core/http/later.ts`.
 */
export interface Platform {
  readonly db: Database;
  readonly log: Logger;
  /** The only way to send requests to other hosts. Bounded in time and size, without redirects and retries. */
  readonly fetch: Outbound;
  /** Reads a static file by its path under `public/`; `undefined` if it does not exist. */
  readonly readAsset: ReadAsset;
  /** Given on a platform whose bundle does not contain the generator of the OpenAPI document. */
  readonly readDocument?: ReadDocument | undefined;
  /**
   * Resolves to true if a caller is below the flood limit of the platform. Omitted if the platform has no such limit.
   */
  readonly floodGate?: FloodGate | undefined;
  /** Milliseconds since 1970. Default: `Date.now`; tests replace it. */
  readonly clock?: () => number;
  /** Maximum number of password hashes computed concurrently. Omitted if the platform limits the work itself. */
  readonly passwordPermits?: number;
  /** Iterations in each round of a new password hash. Default: 100,000; tests make cheaper hashes. */
  readonly hashIterations?: number;
  /** Computes bcrypt, scrypt and argon2 in worker threads, if the platform has them. */
  readonly slowHashes?: SlowHashes;
  /** Creates MACs with native code, faster than the portable ones. */
  readonly createMac?: CreateMac | undefined;
  /** Replaces the sender that the settings name. */
  readonly mail?: Mailer;
  readonly sms?: SmsSender;
  /** Left out if the platform has no connections besides HTTP. */
  readonly createSmtpMailer?: CreateSmtpMailer;
  /** Writes on the console, in development, what must not be in the log. */
  readonly print?: (text: string) => void;
  /** Stores the pictures of accounts. Left out if there is no place for them. */
  readonly files?: FileStore | undefined;
  /** Records metrics. Without a meter, they are dropped. */
  readonly meter?: Meter | undefined;
  /** Serves the metrics of this process; left out if nobody may read them. */
  readonly gauges?: Gauges | undefined;
  /** Creates spans; left out if nobody collects them. */
  readonly tracer?: Tracer | undefined;
  /** The name of the runtime. */
  readonly runtime?: 'node' | 'bun' | 'deno' | 'workerd' | undefined;
  /** Limits concurrent uploads and their duration, unless the platform does so itself. */
  readonly bodyLimits?: Partial<BodyLimits>;
}
