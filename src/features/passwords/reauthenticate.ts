import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { eventsAt } from '../audit/event.ts';
import type { DeviceToken, DeviceTokens } from '../devices/token.ts';
import type { Notices } from '../notices/service.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { Proof } from '../sign-in/proof.ts';
import type { OwnSession, Reauthenticate } from '../sign-in/reauthentication.ts';
import type { Login, SignIn } from '../sign-in/service.ts';
import { isDisabledDemoPassword } from './demo-password.ts';
import type { GatedPasswordHasher } from './gate.ts';
import { lockoutNotice } from './lockout-notice.ts';
import type { CredentialStore, Credentials } from './store.ts';

interface ReauthenticationParts {
  readonly config: Pick<Config, 'seedDemoUser'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly meter: Meter;
  readonly credentials: CredentialStore;
  readonly sessions: Pick<SessionStore, 'findLive' | 'isLoggedInBy'>;
  readonly passwords: GatedPasswordHasher;
  readonly deviceTokens: Pick<DeviceTokens, 'read'>;
  readonly signIn: SignIn;
  readonly notices: Notices;
}

/** What became of a password. */
interface Attempt {
  readonly found: Credentials | undefined;
  readonly outcome: Login | 'refused' | 'overtaken';
}

/**
 * Re-authenticates a session by the password of its user. A wrong one counts like a wrong current password at a
 * password change, and the same lock rejects both.
 */
export function createPasswordReauthentication(parts: ReauthenticationParts): Reauthenticate {
  const { config, clock, credentials, sessions, passwords, deviceTokens, signIn, notices } = parts;
  const eventOf = eventsAt(clock);

  const proofOf = (
    { user, locale }: Pick<Credentials, 'user' | 'locale'>,
    sessionId: string,
    verified: string,
    device: DeviceToken | undefined,
    caller: Caller,
  ): Proof => ({
    user,
    newLogin: { locale },
    method: 'password',
    device,
    claims: [credentials.claimChange(user.id, sessions.isLoggedInBy(sessionId), { verified })],
    event: (session) => eventOf(caller, user.id, 'reauthenticate', { detail: { session } }),
    consequences: (_, isProved) => [credentials.clearFailures(user.id, isProved)],
  });

  /**
   * The outcome is `overtaken` if the account changed during the verification: a concurrent login replaced its hash,
   * changes were locked, or the session ended.
   */
  async function tryPassword(
    { user, sessionId }: OwnSession,
    password: string,
    device: DeviceToken | undefined,
    caller: Caller,
  ): Promise<Attempt> {
    const found = await credentials.findById(user.id);
    const stored = found?.passwordHash ?? null;
    const match = await passwords.verify(password, stored, caller.address);
    const isCorrect = match.startsWith('match') && !isDisabledDemoPassword(config, password);
    if (!found || stored === null || !isCorrect || found.isLocked) {
      return { found, outcome: 'refused' };
    }
    const proof = proofOf(found, sessionId, stored, device, caller);
    const login = await signIn.reauthenticate(sessionId, proof, caller);
    return { found, outcome: login ?? 'overtaken' };
  }

  return async (session, { secret, deviceToken }, caller) => {
    const { user, sessionId } = session;
    const device = deviceTokens.read(deviceToken);
    const attempt = () => tryPassword(session, secret, device, caller);
    let { found, outcome } = await attempt();
    if (outcome === 'overtaken') ({ found, outcome } = await attempt());
    if (typeof outcome !== 'string') return outcome;
    // A password change ends the session too: the password that was right does not count as a wrong one.
    if (!(await sessions.findLive(sessionId, user.id))) throw new AppError('invalid_token');
    const isLocked = await credentials.recordChangeFailure(
      user.id,
      eventOf(caller, user.id, 'reauthenticate', { outcome: 'failure' }),
      eventOf(caller, user.id, 'lockout'),
      found && (await notices.prepare(lockoutNotice(found, caller.trace))),
    );
    if (isLocked) parts.meter.count('latchkey_lockouts_total', {});
    throw new AppError('wrong_current_password');
  };
}
