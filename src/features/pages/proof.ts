import type { RateLimits } from '../limits/rate-limits.ts';
import type { WorkGate } from '../passwords/gate.ts';
import type { CredentialStore } from '../passwords/store.ts';
import type { ReauthenticationMethods } from '../sign-in/reauthentication.ts';
import type { PageCookies } from './cookies.ts';
import type { UserVisit } from './page.ts';

/** Lets users prove again who they are. */
export interface Prover {
  hasPassword(visit: UserVisit): Promise<boolean>;
  /**
   * Re-authenticates the session of a visit. Returns the values of `Set-Cookie` of the answer.
   *
   * @throws AppError `wrong_current_password`, `invalid_code`, `too_many_requests`, `overloaded` or `invalid_token`
   */
  prove(
    visit: UserVisit,
    method: keyof ReauthenticationMethods,
    secret: string,
  ): Promise<readonly string[]>;
}

export interface ProverParts {
  readonly credentials: Pick<CredentialStore, 'findById'>;
  readonly limits: Pick<RateLimits, 'changePassword'>;
  readonly passwordGate: Pick<WorkGate, 'admit'>;
  readonly reauthentication: ReauthenticationMethods;
  readonly cookies: Pick<PageCookies, 'keepDevice'>;
}

export function createProver(parts: ProverParts): Prover {
  const { credentials, limits, passwordGate, reauthentication, cookies } = parts;
  return {
    async hasPassword({ login }) {
      const found = await credentials.findById(login.user.id);
      return found !== undefined && found.passwordHash !== null;
    },

    async prove({ login, requester, deviceToken }, method, secret) {
      const { user, session } = login;
      const { caller } = requester;
      await limits.changePassword(String(user.id));
      const proved = await passwordGate.admit(caller.address, () =>
        reauthentication[method]({ user, sessionId: session.id }, { secret, deviceToken }, caller),
      );
      return [cookies.keepDevice(proved.deviceToken)];
    },
  };
}
