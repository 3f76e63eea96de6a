import type { Config } from './config/config.ts';
import { type CreateMac, createPortableMac, deriveMac } from './core/crypto/derived-key.ts';
import { createSealer } from './core/crypto/sealer.ts';
import { type Database, pingDatabase } from './core/db/database.ts';
import { createTurns, type Turns } from './core/http/turns.ts';
import type { Logger } from './core/log.ts';
import type { Gauges } from './core/metrics/gauges.ts';
import { type Meter, silentMeter } from './core/metrics/meter.ts';
import type { Tracer } from './core/tracer.ts';
import { type AuditStore, createAuditStore } from './features/audit/store.ts';
import { type AvatarStore, createAvatarStore } from './features/avatars/store.ts';
import { type AvatarSweeper, createAvatarSweeper } from './features/avatars/sweeper.ts';
import { type CodeHashes, createCodeHashes } from './features/codes/code.ts';
import { endAccess } from './features/codes/end-access.ts';
import { type CodeRequests, createCodeRequests } from './features/codes/requests.ts';
import { type CodeStore, createCodeStore } from './features/codes/store.ts';
import { createUsedCodes, type UsedCodes } from './features/codes/used.ts';
import { isDeviceOfAccount } from './features/devices/statements.ts';
import { createDeviceStore, type DeviceStore } from './features/devices/store.ts';
import { createDeviceTokens, type DeviceTokens } from './features/devices/token.ts';
import { createKeyRing } from './features/keys/ring.ts';
import { KEY_PURPOSE } from './features/keys/signing-key.ts';
import { createSigningKeyStore } from './features/keys/store.ts';
import { createRateLimits, type RateLimits } from './features/limits/rate-limits.ts';
import { createRateLimitStore, type RateLimitStore } from './features/limits/store.ts';
import { createMessages, type Messages } from './features/messages/service.ts';
import { createNetworkStore, type NetworkStore } from './features/networks/store.ts';
import { createNotices, type Notices } from './features/notices/service.ts';
import { createPageCookies, type PageCookies } from './features/pages/cookies.ts';
import {
  behindGate,
  createWorkGate,
  type GatedPasswordHasher,
  MAX_QUEUE,
  MAX_WAIT_MS,
  openGate,
  type WorkGate,
} from './features/passwords/gate.ts';
import { createPasswordHasher } from './features/passwords/password-hash.ts';
import { createPasswordPolicy, type PasswordPolicy } from './features/passwords/policy.ts';
import { type CredentialStore, createCredentialStore } from './features/passwords/store.ts';
import { createFirstAdmin, type FirstAdmin } from './features/roles/first-admin.ts';
import { type AccessTokens, createAccessTokens } from './features/sessions/access-token.ts';
import { createSessionIssuer, type SessionIssuer } from './features/sessions/issuer.ts';
import { createRefreshTokens, type RefreshTokens } from './features/sessions/refresh-token.ts';
import { createSessionStore, type SessionStore } from './features/sessions/store.ts';
import { createSecretKeys, type TokenKeys } from './features/sessions/token-keys.ts';
import type { SecondFactor } from './features/sign-in/proof.ts';
import { createSignIn, type SignIn } from './features/sign-in/service.ts';
import { createSignInStore } from './features/sign-in/store.ts';
import { createProfileView, type ProfileView } from './features/users/profile.ts';
import { createUserStore, type UserStore } from './features/users/store.ts';
import type { Platform } from './platform.ts';

/** The parts of the app that several features share. */
export interface Deps {
  readonly config: Config;
  readonly db: Database;
  readonly log: Logger;
  readonly clock: () => number;
  /** Records nothing if metrics are off. */
  readonly meter: Meter;
  readonly gauges: Gauges | undefined;
  readonly tracer: Tracer | undefined;
  readonly runtime: Platform['runtime'];
  readonly createMac: CreateMac;
  readonly readAsset: Platform['readAsset'];
  readonly readDocument: Platform['readDocument'];
  readonly floodGate: Platform['floodGate'];
  readonly bodyLimits: Platform['bodyLimits'];
  readonly pingDatabase: () => Promise<void>;
  readonly users: UserStore;
  readonly profileOf: ProfileView;
  readonly credentials: CredentialStore;
  readonly networks: NetworkStore;
  readonly devices: DeviceStore;
  readonly deviceTokens: DeviceTokens;
  readonly issuer: SessionIssuer;
  readonly signIn: SignIn;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly files: Platform['files'];
  readonly avatars: AvatarStore;
  readonly avatarSweeper: AvatarSweeper;
  /** Lets each user send one picture at a time. */
  readonly avatarTurns: Turns;
  readonly messages: Messages;
  readonly notices: Notices;
  readonly firstAdmin: FirstAdmin;
  readonly codes: CodeStore;
  readonly codeHashes: CodeHashes;
  readonly codeRequests: CodeRequests;
  readonly usedCodes: UsedCodes;
  readonly passwords: GatedPasswordHasher;
  readonly rateLimits: RateLimitStore;
  readonly limits: RateLimits;
  /** Limits how many password hashes are computed concurrently. */
  readonly passwordGate: WorkGate;
  readonly tokenKeys: TokenKeys;
  readonly passwordPolicy: PasswordPolicy;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly cookies: PageCookies;
  /**
   * Returns a keyed hash of a network, for the log. The hash of a network is always the same, and meaningless without
   * the key.
   */
  readonly networkMark: (network: string) => string;
}

/**
 * Creates the shared parts. Does no I/O; asynchronous only because Web Crypto imports keys asynchronously.
 *
 * @param secondFactors each sign-in asks them in this order; none by default
 */
export async function createDeps(
  config: Config,
  platform: Platform,
  secondFactors: readonly SecondFactor[] = [],
): Promise<Deps> {
  const { db, log, readAsset, floodGate, files, bodyLimits, clock = Date.now } = platform;
  const { createMac = createPortableMac, meter = silentMeter, gauges, tracer, runtime } = platform;
  const rateLimits = createRateLimitStore(db, clock, isDeviceOfAccount);
  const tokenKeys = await createTokenKeys(config, { db, log, clock, createMac });
  const passwordGate = createPasswordGate(platform.passwordPermits, meter);
  const refreshTokens = await createRefreshTokens(config.secretKeys, createMac);
  const tokens = createAccessTokens({
    keys: tokenKeys,
    issuer: config.issuer,
    audience: config.audience,
    lifetimeSeconds: config.accessTokenLifetimeSeconds,
    clock,
  });
  const issuer = createSessionIssuer(tokens, refreshTokens);
  const users = createUserStore(db, clock);
  const credentials = createCredentialStore(db, clock);
  const audit = createAuditStore(db, clock);
  const hasher = createPasswordHasher(
    config.passwordRounds,
    platform.slowHashes,
    platform.hashIterations,
  );
  const passwords = behindGate(hasher, passwordGate);
  const passwordPolicy = createPasswordPolicy(config, { log, readAsset, fetch: platform.fetch });
  const deviceTokens = await createDeviceTokens(config.secretKeys, createMac);
  const limits = await createRateLimits(config, {
    store: rateLimits,
    createMac,
    meter,
    deviceTokens,
  });
  const messages = await createMessages({ ...platform, config, clock });
  const notices = createNotices({ config, db, clock, messages });
  const codes = createCodeStore(db, clock);
  const codeHashes = await createCodeHashes(config.secretKeys, createMac);
  const devices = createDeviceStore(db, clock);
  const sessions = createSessionStore(db, {
    lifetime: config.sessionLifetime,
    grace: config.refreshGraceSeconds * 1000,
    refreshQuota: config.rateLimits.refresh,
    clock,
    endChanges: (userId, condition) => codes.end(userId, condition, { purposes: ['change'] }),
  });
  const avatars = createAvatarStore({ db, clock, sessions });
  const firstAdmin = createFirstAdmin({
    ...{ config, db, clock, notices },
    endUndo: (userId, condition) => codes.end(userId, condition, { purposes: ['undo', 'remove'] }),
    endAccess: (userId, condition) => endAccess({ codes, devices, sessions }, userId, condition),
  });
  const signIn = createSignIn({
    config,
    clock,
    meter,
    issuer,
    deviceTokens,
    notices,
    store: createSignInStore(db, {
      lifetime: config.sessionLifetime,
      maxPerUser: config.maxSessionsPerUser,
    }),
    secondFactors,
  });
  return {
    config,
    db,
    log,
    clock,
    meter,
    gauges,
    tracer,
    runtime,
    createMac,
    readAsset,
    readDocument: platform.readDocument,
    floodGate,
    bodyLimits,
    pingDatabase: () => pingDatabase(db),
    users,
    profileOf: createProfileView(config),
    credentials,
    networks: createNetworkStore(db, clock),
    devices,
    deviceTokens,
    sessions,
    audit,
    files,
    avatars,
    avatarSweeper: createAvatarSweeper({ avatars, files, log }),
    avatarTurns: createTurns(),
    messages,
    notices,
    firstAdmin,
    codes,
    codeHashes,
    codeRequests: createCodeRequests({ config, clock, codes, codeHashes, limits, log, messages }),
    usedCodes: createUsedCodes({ config, clock, codes, codeHashes }),
    passwords,
    passwordGate,
    passwordPolicy,
    signIn,
    rateLimits,
    limits,
    tokenKeys,
    tokens,
    refreshTokens,
    cookies: await createPageCookies(config, createMac),
    issuer,
    networkMark: await createNetworkMark(config, createMac),
  };
}

const NETWORK_MARK_LENGTH = 16;

async function createNetworkMark(
  { secretKeys }: Config,
  createMac: CreateMac,
): Promise<Deps['networkMark']> {
  const mac = await deriveMac(secretKeys[0], 'latchkey log network v1', createMac);
  return (network) => mac(network).slice(0, NETWORK_MARK_LENGTH);
}

const createPasswordGate = (permits: Platform['passwordPermits'], meter: Meter): WorkGate =>
  permits === undefined
    ? openGate
    : createWorkGate({
        ...{ permits, maxQueue: MAX_QUEUE, maxWaitMs: MAX_WAIT_MS },
        onWaited: (waitedMs) =>
          meter.observe('latchkey_password_queue_wait_seconds', waitedMs / 1000, {}),
      });

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
    sealer: await createSealer(secretKeys, KEY_PURPOSE),
    log,
    clock,
    tokenLifetimeSeconds: accessTokenLifetimeSeconds,
  });
}
