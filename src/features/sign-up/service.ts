import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { GatedPasswordHasher } from '../passwords/gate.ts';
import type { PasswordLogIn } from '../passwords/log-in.ts';
import type { PasswordPolicy } from '../passwords/policy.ts';
import type { SignInOutcome } from '../sign-in/service.ts';
import { normalizeEmail, normalizePhone } from '../users/identifier.ts';
import type { UserStore } from '../users/store.ts';
import type { User } from '../users/user.ts';

/** The input of a sign-up: an email address, a phone number, or both. */
export interface NewAccount {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly password: string;
  readonly name?: string | null | undefined;
}

export interface SignUpService {
  /**
   * Creates an account.
   *
   * @throws AppError `email_taken`, `phone_taken`, `validation_failed` for an invalid address or number, or
   * `weak_password` for a password that the policy rejects
   */
  signUp(input: NewAccount, caller: Caller): Promise<User>;
  /**
   * Creates an account and logs in to it, like `PasswordLogIn.signInWith`.
   *
   * @throws as `signUp`
   */
  signUpAndLogIn(input: NewAccount, caller: Caller): Promise<SignInOutcome>;
}

interface SignUpParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly users: Pick<UserStore, 'insert'>;
  readonly passwords: GatedPasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly passwordLogIn: PasswordLogIn;
}

export function createSignUpService(parts: SignUpParts): SignUpService {
  const { users, passwords, passwordPolicy, passwordLogIn, clock } = parts;
  const { defaultPhoneRegion: region } = parts.config;
  const eventOf = eventsAt(clock);

  async function insertUser(
    { email, phone, password, name }: NewAccount,
    caller: Caller,
  ): Promise<{ user: User; passwordHash: string }> {
    const contact = {
      email: email == null ? null : withNormalForm('email', email, normalizeEmail(email)),
      phone: phone == null ? null : withNormalForm('phone', phone, normalizePhone(phone, region)),
    };
    await passwordPolicy.check(password, { email, phone }, '#/password');
    const passwordHash = await passwords.hash(password, caller.address);
    const newUser = { ...contact, passwordHash, name: name ?? null };
    const user = await users.insert(newUser, eventOf(caller, null, 'signup'));
    return { user, passwordHash };
  }

  return {
    async signUp(input, caller) {
      return (await insertUser(input, caller)).user;
    },

    async signUpAndLogIn(input, caller) {
      const { user, passwordHash } = await insertUser(input, caller);
      return passwordLogIn.signInWith(user, { verified: passwordHash }, caller);
    },
  };
}

function withNormalForm(field: 'email' | 'phone', entered: string, normalized: string | undefined) {
  if (normalized !== undefined) return { entered, normalized };
  const message = field === 'email' ? 'must be an email address' : 'must be a phone number';
  throw new AppError('validation_failed', {
    fields: [{ pointer: `#/${field}`, code: `invalid_${field}`, message }],
  });
}
