import type { Caller } from '../../core/caller.ts';
import type { User } from '../users/user.ts';
import type { Login } from './service.ts';

/** The session to re-authenticate. */
export interface OwnSession {
  readonly user: User;
  readonly sessionId: string;
}

/** What a caller re-authenticates with. */
export interface Reauthentication {
  /** What the caller proves it by, such as the password. */
  readonly secret: string;
  /** That of the last login on this device. */
  readonly deviceToken: string | null | undefined;
}

/**
 * Re-authenticates a session by one method: builds a `Proof` from the secret and passes it to `SignIn.reauthenticate`.
 *
 * @throws AppError `invalid_token` if the session has ended; the code of the method if the secret is wrong
 */
export type Reauthenticate = (
  session: OwnSession,
  presented: Reauthentication,
  caller: Caller,
) => Promise<Login>;

/** The methods of `POST /auth/reauthenticate`, by the member of its body that contains the secret. */
export interface ReauthenticationMethods {
  /** @throws AppError `wrong_current_password` */
  readonly password: Reauthenticate;
  /** @throws AppError `invalid_code` */
  readonly code: Reauthenticate;
}
