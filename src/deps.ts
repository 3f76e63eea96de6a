import { type AuditStore, createAuditStore } from './features/audit/store.ts';
import { seedDemoUser } from './features/sign-up/demo-user.ts';
import type { Config } from './config/config.ts';
import { type CreateMac, createPortableMac, deriveMac } from './core/crypto/derived-key.ts';
import type { VerifyBcrypt } from './features/passwords/legacy-hash.ts';
import { createPasswordHasher } from './features/passwords/password-hash.ts';
import { createRefreshTokens, type RefreshTokens } from './features/sessions/refresh-token.ts';
import { createSealer } from './core/crypto/sealer.ts';
import { type AccessTokens, createAccessTokens } from './features/sessions/access-token.ts';
import { createSecretKeys, type TokenKeys } from './features/sessions/token-keys.ts';
import {
  behindGate,
  createWorkGate,
  type GatedPasswordHasher,
  MAX_QUEUE,
  MAX_WAIT_MS,
  openGate,
  type WorkGate,
} from './features/passwords/gate.ts';
import { type Database, pingDatabase } from './core/db/database.ts';
import { createHousekeeping, type Housekeeping } from './features/housekeeping/housekeeping.ts';
import { housekeepingJobs } from './features/housekeeping/jobs.ts';
import { createKeyRing } from './features/keys/ring.ts';
import { createSigningKeyStore } from './features/keys/store.ts';
import type { BodyLimits } from './core/http/body-budget.ts';
import { createRateLimits, type RateLimits } from './features/limits/rate-limits.ts';
import { createRateLimitStore, type RateLimitStore } from './features/limits/store.ts';
import type { Logger } from './core/log.ts';
import { createPasswordPolicy, type PasswordPolicy } from './features/passwords/policy.ts';
import { createSessionStore, type SessionStore } from './features/sessions/store.ts';
import { createUserStore, type UserStore } from './features/users/store.ts';

/** A static file, as one answer sends it. */
export interface Asset {
  readonly body: BodyInit;
  /** In bytes, where it is known. */
  readonly length?: number;
}

/** What a runtime brings along. */
export interface Platform {
  readonly db: Database;
  readonly log: Logger;
  /** Reads one of our static files, named as under `public/`; `undefined` where there is none. */
  readonly readAsset: (path: string) => Promise<Asset | undefined>;
  /** Tells whether a caller is not flooding us, as what stands in front of us counts; only some have it. */
  readonly floodGate?: ((caller: string) => Promise<boolean>) | undefined;
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

/** All that the app is made of. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: () => number;
  readonly readAsset: Platform['readAsset'];
  readonly floodGate: Platform['floodGate'];
  readonly bodyLimits: Platform['bodyLimits'];
  readonly pingDatabase: () => Promise<void>;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly passwords: GatedPasswordHasher;
  readonly rateLimits: RateLimitStore;
  readonly limits: RateLimits;
  /** What all work on passwords passes. */
  readonly passwordGate: WorkGate;
  readonly tokenKeys: TokenKeys;
  readonly passwordPolicy: PasswordPolicy;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  /** A keyed hash of a network, for the log: the same for the same network, and nothing to who has no key. */
  readonly networkMark: (network: string) => string;
}

/** Puts the parts together. Does no I/O; asynchronous because Web Crypto imports keys so. */
export async function createDeps(config: Config, platform: Platform): Promise<Deps> {
  const { db, log, readAsset, floodGate, bodyLimits, clock = Date.now } = platform;
  const { createMac = createPortableMac } = platform;
  const rateLimits = createRateLimitStore(db, clock);
  const tokenKeys = await createTokenKeys(config, { db, log, clock, createMac });
  const passwordGate = createPasswordGate(platform.passwordPermits);
  return {
    config,
    log,
    clock,
    readAsset,
    floodGate,
    bodyLimits,
    pingDatabase: () => pingDatabase(db),
    users: createUserStore(db, clock),
    sessions: createSessionStore(db, {
      lifetime: config.sessionLifetime,
      maxPerUser: config.maxSessionsPerUser,
      grace: config.refreshGraceSeconds * 1000,
      refreshQuota: config.rateLimits.refresh,
      clock,
    }),
    audit: createAuditStore(db, clock),
    refreshTokens: await createRefreshTokens(config.secretKeys, createMac),
    passwords: behindGate(
      createPasswordHasher(config.passwordRounds, platform.verifyBcrypt),
      passwordGate,
    ),
    passwordGate,
    passwordPolicy: createPasswordPolicy(config, log),
    rateLimits,
    limits: await createRateLimits(config, rateLimits, createMac),
    tokenKeys,
    networkMark: await createNetworkMark(config, createMac),
    tokens: createAccessTokens({
      keys: tokenKeys,
      issuer: config.issuer,
      audience: config.audience,
      lifetimeSeconds: config.accessTokenLifetimeSeconds,
      clock,
    }),
  };
}

/** What removes the rows that are past their time, in this database. */
export const housekeepingOf = (deps: Deps): Housekeeping =>
  createHousekeeping({ jobs: housekeepingJobs(deps), log: deps.log });

/**
 * What is done once before the first request: the keys are read, the demo user is made where wanted.
 *
 * @throws ConfigError where the secret does not open the keys; the database's error where it fails
 */
export async function startUp(deps: Deps): Promise<void> {
  await deps.tokenKeys.signing();
  await seedDemoUser(deps);
}

const NETWORK_MARK_LENGTH = 16;

async function createNetworkMark(
  { secretKeys }: Config,
  createMac: CreateMac,
): Promise<Deps['networkMark']> {
  const mac = await deriveMac(secretKeys[0], 'latchkey log network v1', createMac);
  return (network) => mac(network).slice(0, NETWORK_MARK_LENGTH);
}

const createPasswordGate = (permits: Platform['passwordPermits']): WorkGate =>
  permits === undefined
    ? openGate
    : createWorkGate({ permits, maxQueue: MAX_QUEUE, maxWaitMs: MAX_WAIT_MS });

async function createTokenKeys(
  { algorithm, secretKeys, accessTokenLifetimeSeconds }: Config,
  {
    db,
    log,
    clock,
    createMac,
  }: Required<Pick<Platform, 'db' | 'log' | 'clock'>> & {
    readonly createMac: CreateMac;
  },
): Promise<TokenKeys> {
  if (algorithm === 'HS256') return createSecretKeys(secretKeys, createMac);
  return createKeyRing({
    algorithm,
    store: createSigningKeyStore(db),
    sealer: await createSealer(secretKeys),
    log,
    clock,
    tokenLifetimeSeconds: accessTokenLifetimeSeconds,
  });
}
