import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import { toLogInToken } from '../sign-in/contract.ts';
import { loginOf } from '../sign-in/service.ts';
import { changePassword, logIn } from './contract.ts';
import type { PasswordLogIn } from './log-in.ts';
import { createPasswordService, type PasswordParts } from './service.ts';

interface LogInFeatureParts {
  readonly passwordLogIn: PasswordLogIn;
  readonly log: Logger;
}

export const logInFeature = ({ passwordLogIn, log }: LogInFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(logIn, async (c) => {
      const { username, password, device_token: deviceToken } = c.req.valid('form');
      const typed = { username, password, deviceToken };
      const outcome = await passwordLogIn.logIn(typed, requesterOf(c, log));
      return json(c, toLogInToken(loginOf(outcome, 'wrong_email_or_password')), 200);
    });
  },
});

export function passwordFeature(parts: PasswordParts & { readonly log: Logger }): Feature {
  const passwords = createPasswordService(parts);
  return {
    addRoutes({ add }) {
      add(changePassword, async (c) => {
        const { current_password: currentPassword, new_password: newPassword } =
          c.req.valid('json');
        const user = { id: c.get('user').id, sessionId: c.get('session').id };
        const change = { currentPassword, newPassword };
        const login = await passwords.change(user, change, requesterOf(c, parts.log));
        return json(c, toLogInToken(login), 200);
      });
    },
  };
}
