import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { siteOf } from '../../core/network.ts';
import { eventsAt } from '../audit/event.ts';
import type { AuditStore } from '../audit/store.ts';
import type { Requester } from '../codes/requests.ts';
import type { DeviceStore } from '../devices/store.ts';
import type { DeviceToken, DeviceTokens } from '../devices/token.ts';
import type { Notices } from '../notices/service.ts';
import type { NewLogin, Proof } from '../sign-in/proof.ts';
import type { SignIn, SignInOutcome } from '../sign-in/service.ts';
import { type Identifier, parseIdentifier } from '../users/identifier.ts';
import { hasVerifiedAddress, type User } from '../users/user.ts';
import type { VerificationService } from '../verification/service.ts';
import { isDisabledDemoPassword } from './demo-password.ts';
import type { GatedPasswordHasher } from './gate.ts';
import { lockoutNotice } from './lockout-notice.ts';
import type { CredentialStore, LoginCredentials, LoginOrigin, VerifiedHash } from './store.ts';

const FAILURE = { outcome: 'failure' } as const;

/** What a caller logs in with. */
export interface TypedCredentials {
  /** Email address or phone number, as typed. */
  readonly username: string;
  readonly password: string;
  /** That of the last login on this device. With it, no lock of the account rejects the login. */
  readonly deviceToken?: string | null | undefined;
}

/** Logs in with a password. */
export interface PasswordLogIn {
  /**
   * Verifies a password and starts a session, or returns a challenge if a second proof is required. Returns `undefined`
   * on failure. An unknown name and a wrong password have the same result and the same cost.
   *
   * @throws AppError `verification_required` for the correct password of an account without a verified address, if the
   * settings require one; sends it the verification. If sign-ups are hidden, it is a failure like any other
   */
  logIn(credentials: TypedCredentials, requester: Requester): Promise<SignInOutcome>;
  /** Like `logIn`, for a password that has just been verified or set. */
  signInWith(user: User, hash: VerifiedHash, caller: Caller): Promise<SignInOutcome>;
}

interface LogInParts {
  readonly config: Pick<
    Config,
    'defaultPhoneRegion' | 'seedDemoUser' | 'requiresVerified' | 'signUpMode'
  >;
  readonly log: Logger;
  readonly meter: Meter;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly credentials: CredentialStore;
  readonly passwords: GatedPasswordHasher;
  readonly devices: Pick<DeviceStore, 'recordFailure'>;
  readonly deviceTokens: Pick<DeviceTokens, 'read'>;
  readonly audit: Pick<AuditStore, 'countRefusal'>;
  readonly signIn: SignIn;
  readonly notices: Notices;
  readonly verification: Pick<VerificationService, 'request'>;
}

export function createPasswordLogIn(parts: LogInParts): PasswordLogIn {
  const { config, log, meter, clock, credentials, passwords, audit, signIn, notices } = parts;
  const { devices, deviceTokens } = parts;
  const eventOf = eventsAt(clock);

  const countLogIn = (outcome: 'failure' | 'unverified') =>
    meter.count('latchkey_log_ins_total', { method: 'password', outcome });

  const proofOf = (
    user: User,
    hash: VerifiedHash,
    caller: Caller,
    {
      device,
      newLogin,
    }: { readonly device?: DeviceToken | undefined; readonly newLogin?: NewLogin } = {},
  ): Proof => ({
    user,
    ...(newLogin && { newLogin }),
    method: 'password',
    device,
    claims: [credentials.claimLogIn(user.id, hash, { network: caller.network ?? '', device })],
    event: () => eventOf(caller, user.id, 'login'),
    consequences: (_, isStarted) => [credentials.clearFailures(user.id, isStarted)],
  });

  /**
   * Records a rejected login: for the device, or else for the account. If the account is unknown or locked, the login is
   * only counted and creates no audit event, because strangers can cause any number of such logins.
   */
  async function recordRefusal(
    found: LoginCredentials | undefined,
    { network, device }: LoginOrigin,
    caller: Caller,
  ): Promise<void> {
    if (found?.isKnownDevice && device) {
      const failure = eventOf(caller, null, 'login', { ...FAILURE, detail: { device: true } });
      if (await devices.recordFailure(found.user.id, device, failure)) return;
    }
    if (!found || found.isLocked) return audit.countRefusal(siteOf(caller.address ?? ''));
    const who = { userId: found.user.id, network, isKnownNetwork: found.isKnownNetwork };
    const failure = eventOf(caller, null, 'login', FAILURE);
    const lockout = eventOf(caller, null, 'lockout');
    const notice = await notices.prepare(lockoutNotice(found, caller.trace));
    const isLocked = await credentials.recordFailure(who, failure, lockout, notice);
    if (isLocked) meter.count('latchkey_lockouts_total', {});
  }

  /**
   * Returns `overtaken` if the account changed during the verification: a concurrent login replaced its hash, its
   * password was changed, or it was locked or deleted. The caller then retries once.
   */
  async function tryPassword(
    identifier: Identifier | undefined,
    password: string,
    device: DeviceToken | undefined,
    requester: Requester,
  ): Promise<NonNullable<SignInOutcome> | 'refused' | 'overtaken'> {
    const { caller } = requester;
    const origin = { network: caller.network ?? '', device };
    const found = identifier && (await credentials.find(identifier, origin));
    const stored = found?.passwordHash ?? null;
    const match = await passwords.verify(password, stored, caller.address);
    if (found && match === 'malformed') {
      log.error('password_hash_malformed', { user_id: found.user.id });
    }
    const isCorrect = match.startsWith('match') && !isDisabledDemoPassword(config, password);
    const isLocked = found?.isLocked && !found.isKnownDevice;
    if (!found || stored === null || !isCorrect || isLocked) {
      await recordRefusal(found, origin, caller);
      return 'refused';
    }
    if (config.requiresVerified && !hasVerifiedAddress(found.user)) {
      await parts.verification.request(found.user, identifier.kind, requester);
      // Where sign-ups hide which addresses are taken, a login must not tell that this one was free.
      if (config.signUpMode === 'hidden') return 'refused';
      countLogIn('unverified');
      throw new AppError('verification_required');
    }
    const fresh = match === 'match' ? undefined : await passwords.hash(password, caller.address);
    const { user, locale, isKnownNetwork, isKnownDevice } = found;
    const newLogin = { locale, isKnownNetwork, isKnownDevice };
    const proof = proofOf(user, { verified: stored, fresh }, caller, { device, newLogin });
    return (await signIn.signIn(proof, caller)) ?? 'overtaken';
  }

  return {
    signInWith: (user, hash, caller) => signIn.signIn(proofOf(user, hash, caller), caller),

    async logIn({ username, password, deviceToken }, requester) {
      const device = deviceTokens.read(deviceToken);
      const identifier = parseIdentifier(username, config.defaultPhoneRegion);
      const attempt = () => tryPassword(identifier, password, device, requester);
      let outcome = await attempt();
      if (outcome === 'overtaken') outcome = await attempt();
      if (typeof outcome !== 'string') return outcome;
      countLogIn('failure');
      return undefined;
    },
  };
}
