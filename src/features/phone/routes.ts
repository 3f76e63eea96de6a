import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import type { PasswordLogIn } from '../passwords/log-in.ts';
import { type Login, loginOf } from '../sign-in/service.ts';
import type { SignUpService } from '../sign-up/service.ts';
import { toPhoneUser } from '../users/user.ts';
import { getProfileByPhone, logInByPhone, signUpByPhone } from './contract.ts';

interface PhoneParts {
  readonly signUps: SignUpService;
  readonly passwordLogIn: PasswordLogIn;
  readonly log: Logger;
}

/** The phone contract: the same accounts and rules, in an envelope. */
export const phoneFeature = ({ signUps, passwordLogIn, log }: PhoneParts): Feature => ({
  addRoutes({ add }) {
    add(signUpByPhone, async (c) => {
      const outcome = await signUps.signUpAndLogIn(c.req.valid('json'), requesterOf(c, log));
      if (outcome === 'accepted') return json(c, {}, 202);
      // Fails only if the new account was deleted or disabled before its first session started.
      const login = loginOf(outcome, 'internal_error');
      return json(c, success('Signup successful', toLoginData(login)), 201);
    });

    add(logInByPhone, async (c) => {
      const { phone, email, password, device_token: deviceToken } = c.req.valid('json');
      const typed = { username: phone ?? email ?? '', password, deviceToken };
      const outcome = await passwordLogIn.logIn(typed, requesterOf(c, log));
      const login = loginOf(outcome, 'wrong_phone_or_password');
      return json(c, success('Login successful', toLoginData(login)), 200);
    });

    add(getProfileByPhone, (c) =>
      json(c, success('User profile fetched successfully', toPhoneUser(c.get('user'))), 200),
    );
  },
});

const success = <Message extends string, Data>(message: Message, data: Data) => ({
  status: 'success' as const,
  message,
  data,
});

const toLoginData = ({ accessToken, refreshToken, user, expiresIn, deviceToken }: Login) => ({
  token: accessToken,
  user: toPhoneUser(user),
  refresh_token: refreshToken,
  expires_in: expiresIn,
  device_token: deviceToken,
});
