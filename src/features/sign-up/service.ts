import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import type { ErrorCode } from '../../core/problems.ts';
import { eventsAt } from '../audit/event.ts';
import type { CodeRequests, Requester } from '../codes/requests.ts';
import type { CodeStore } from '../codes/store.ts';
import type { Channel } from '../messages/message.ts';
import type { GatedPasswordHasher } from '../passwords/gate.ts';
import type { PasswordLogIn } from '../passwords/log-in.ts';
import type { PasswordPolicy } from '../passwords/policy.ts';
import type { SignInOutcome } from '../sign-in/service.ts';
import { newAddress } from '../users/new-address.ts';
import type { NewUser, UserStore } from '../users/store.ts';
import { typedName } from '../users/typed-name.ts';
import type { User } from '../users/user.ts';
import type { VerificationService } from '../verification/service.ts';

/** The input of a sign-up: an email address, a phone number, or both. */
export interface NewAccount {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly password: string;
  readonly name?: string | null | undefined;
}

export interface SignUpService {
  /**
   * Creates an account. If the settings hide which addresses are taken, sends a message to the address instead of
   * failing, and returns `accepted` in both cases.
   *
   * @throws AppError `signup_closed`; `email_taken` or `phone_taken`; `validation_failed` for an invalid address or
   * number; `weak_password` for a password that the policy rejects; `messages_off` if a message is needed and the address
   * has no sender
   */
  signUp(input: NewAccount, requester: Requester): Promise<User | 'accepted'>;
  /**
   * Creates an account and logs in to it, as `PasswordLogIn.signInWith` does. Returns `accepted`, without a session, also
   * if the settings require a verified address.
   *
   * @throws as `signUp`
   */
  signUpAndLogIn(input: NewAccount, requester: Requester): Promise<SignInOutcome | 'accepted'>;
}

interface SignUpParts {
  readonly config: Pick<Config, 'defaultPhoneRegion' | 'signUpMode' | 'requiresVerified'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly meter: Meter;
  readonly users: Pick<UserStore, 'insert'>;
  readonly passwords: GatedPasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly passwordLogIn: PasswordLogIn;
  readonly codes: Pick<CodeStore, 'findRecipient'>;
  readonly codeRequests: CodeRequests;
  readonly verification: Pick<VerificationService, 'request'>;
}

interface CreatedUser {
  readonly user: User;
  readonly passwordHash: string;
}

export function createSignUpService(parts: SignUpParts): SignUpService {
  const { users, passwords, passwordPolicy, passwordLogIn, codes, codeRequests, clock } = parts;
  const { defaultPhoneRegion: region, signUpMode, requiresVerified } = parts.config;
  const eventOf = eventsAt(clock);
  const isHidden = signUpMode === 'hidden';

  /** Tells the owner of a taken address, and only the owner, that it has an account. */
  async function notifyOwner(
    { email, phone }: Contact,
    channel: Channel,
    requester: Requester,
  ): Promise<void> {
    const { entered = '' } = (channel === 'email' ? email : phone) ?? {};
    const name = typedName(entered, region);
    const found = await codes.findRecipient(name.identifier, requester.caller.network ?? '');
    const isOwner = found?.isKnownNetwork ?? false;
    const isVerified = found?.isVerified ?? false;
    const notice = {
      ...name.recipient(found?.user),
      kind: 'taken',
      ...{ isOwner, isVerified },
    } as const;
    await codeRequests.notify(notice, requester);
  }

  /** @returns `undefined` for a taken address, if the settings hide that */
  async function create(
    { email, phone, password, name }: NewAccount,
    requester: Requester,
  ): Promise<CreatedUser | undefined> {
    if (signUpMode === 'closed') throw new AppError('signup_closed');
    const { caller } = requester;
    const contact = {
      email: email == null ? null : newAddress('email', email, region),
      phone: phone == null ? null : newAddress('phone', phone, region),
    };
    const channel: Channel = contact.email ? 'email' : 'phone';
    if (isHidden || requiresVerified) codeRequests.requireSender(channel);
    await passwordPolicy.check(password, { email, phone }, '#/password', caller.trace);
    const passwordHash = await passwords.hash(password, caller.address);
    const newUser = { ...contact, passwordHash, name: name ?? null, locale: requester.locale };
    try {
      const user = await users.insert(newUser, eventOf(caller, null, 'signup'));
      parts.meter.count('latchkey_sign_ups_total', {});
      if (isHidden || requiresVerified) await parts.verification.request(user, channel, requester);
      return { user, passwordHash };
    } catch (error) {
      const taken = isHidden && error instanceof AppError ? TAKEN[error.code] : undefined;
      if (!taken) throw error;
      await notifyOwner(contact, taken, requester);
      return undefined;
    }
  }

  return {
    async signUp(input, requester) {
      const created = await create(input, requester);
      return isHidden || !created ? 'accepted' : created.user;
    },

    async signUpAndLogIn(input, requester) {
      const created = await create(input, requester);
      if (isHidden || requiresVerified || !created) return 'accepted';
      const { user, passwordHash } = created;
      return passwordLogIn.signInWith(user, { verified: passwordHash }, requester.caller);
    },
  };
}

type Contact = Pick<NewUser, 'email' | 'phone'>;

const TAKEN: Readonly<Partial<Record<ErrorCode, Channel>>> = {
  email_taken: 'email',
  phone_taken: 'phone',
};
