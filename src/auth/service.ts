import { newTokenId } from '../crypto/token.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import {
  type Identifier,
  normalizeEmail,
  normalizePhone,
  parseIdentifier,
} from '../users/identifier.ts';
import type { User } from '../users/user.ts';

/** What a person gives to get an account: an email address, a phone number, or both. */
export interface SignUp {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly password: string;
  readonly name?: string | null | undefined;
}

/** A login that succeeded. */
export interface Login {
  readonly user: User;
  readonly accessToken: string;
  /** Seconds until the access token ends. */
  readonly expiresIn: number;
}

export interface AuthService {
  /** @throws AppError `email_taken`, `phone_taken`, or `validation_failed` for an impossible number */
  signUp(input: SignUp): Promise<User>;
  /** Makes the tokens of a login for a user who has proved who they are. */
  startSession(user: User): Promise<Login>;
  /**
   * Checks a password. `undefined` means that it did not succeed: whether nobody has this name or the
   * password is wrong is not told, and costs the same time.
   *
   * @param username email address or phone number, as typed
   */
  logIn(username: string, password: string): Promise<Login | undefined>;
}

export function createAuthService(deps: Deps): AuthService {
  const { users, passwords, tokens, log } = deps;
  const region = deps.config.defaultPhoneRegion;

  async function startSession(user: User): Promise<Login> {
    const accessToken = await tokens.issue({ userId: user.id, sessionId: newTokenId() });
    return { user, accessToken, expiresIn: tokens.lifetimeSeconds };
  }

  return {
    async signUp({ email, phone, password, name }) {
      const contact = {
        email: email == null ? null : withNormalForm('email', email, normalizeEmail(email)),
        phone: phone == null ? null : withNormalForm('phone', phone, normalizePhone(phone, region)),
      };
      const passwordHash = await passwords.hash(password);
      return users.insert({ ...contact, passwordHash, name: name ?? null });
    },

    startSession,

    async logIn(username, password) {
      const identifier: Identifier | undefined = parseIdentifier(username, region);
      const found = identifier && (await users.findCredentials(identifier));
      const stored = found?.passwordHash ?? null;
      const verdict = await passwords.verify(password, stored);
      if (!found || stored === null) return undefined;
      if (verdict === 'malformed') {
        log.error('password_hash_malformed', { user_id: found.user.id });
        return undefined;
      }
      if (verdict === 'mismatch') return undefined;
      if (verdict === 'match_needs_rehash') {
        await users.replacePasswordHash(found.user.id, stored, await passwords.hash(password));
      }
      return startSession(found.user);
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
