import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import { deviceTokenField, newDeviceTokenField } from '../devices/fields.ts';
import { user } from '../sessions/guards.ts';
import { accessTokenField, expiresInField, refreshTokenField } from '../sessions/token-contract.ts';
import { SIGN_UP_ACCEPTED } from '../sign-up/contract.ts';
import {
  emailField,
  idField,
  nameField,
  newEmailField,
  newPasswordField,
  newPhoneField,
  passwordField,
  phoneField,
  usernameField,
} from '../users/fields.ts';

const phoneUserSchema = z
  .object({
    id: idField,
    name: nameField.nullable(),
    email: emailField.nullable(),
    phone: phoneField.nullable(),
  })
  .openapi('PhoneUser', { description: 'An account in the phone API.' });

const loginData = z
  .object({
    token: accessTokenField,
    user: phoneUserSchema,
    refresh_token: refreshTokenField,
    expires_in: expiresInField,
    device_token: newDeviceTokenField,
  })
  .openapi('PhoneSession', {
    description: 'An account, the tokens of a new session, and the token of the device.',
  });

/**
 * The envelope of every successful response of this contract.
 *
 * @param name the name of its schema in the document
 */
const envelope = <Message extends string, Data extends z.ZodType>(
  name: string,
  message: Message,
  data: Data,
) => ({
  description: message,
  content: {
    'application/json': {
      schema: z
        .object({
          status: z
            .literal('success')
            .openapi({ description: 'Always `success`.', example: 'success' }),
          message: z
            .literal(message)
            .openapi({ description: 'Message for the user.', example: message }),
          data,
        })
        .openapi(name, { description: 'The envelope of a successful answer.' }),
    },
  },
});

export const signUpByPhone = operation({
  operationId: 'signUpByPhone',
  guard: open,
  method: 'post',
  path: '/api/v1/auth/signup',
  tags: ['phone'],
  summary: 'Sign up with a phone number',
  description:
    'Creates an account and logs in. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may sign up.',
  body: json(
    z
      .object({
        phone: newPhoneField,
        password: newPasswordField,
        name: nameField.nullish(),
        email: newEmailField.nullish(),
      })
      .openapi('PhoneSignUp', { description: 'An account to create.' }),
    'The account to create. Unknown members are ignored.',
  ),
  limit: { name: 'signUp' },
  cost: 'password',
  isOwnOriginsOnly: true,
  fails: [
    'phone_taken',
    'email_taken',
    'weak_password',
    'signup_closed',
    'messages_off',
    'database_unavailable',
    'misconfigured',
  ],
  answers: {
    202: SIGN_UP_ACCEPTED,
    201: envelope('PhoneSignUpAnswer', 'Signup successful', loginData),
  },
});

export const logInByPhone = operation({
  operationId: 'logInByPhone',
  guard: open,
  method: 'post',
  path: '/api/v1/auth/login',
  tags: ['phone'],
  summary: 'Log in with a phone number',
  description:
    'Accepts either `phone` or `email`. Returns the same error for an unknown user and a wrong password. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.',
  body: json(
    z
      .object({
        phone: usernameField
          .openapi({
            description: 'Phone number of the account. Surrounding white space is ignored.',
            example: '7760873976',
          })
          .nullish(),
        email: usernameField
          .openapi({
            description:
              'Email address of the account, instead of `phone`. Surrounding white space is ignored.',
            example: 'ada@example.com',
          })
          .nullish(),
        password: passwordField,
        device_token: deviceTokenField.nullish(),
      })
      .refine(({ phone, email }) => phone != null || email != null, {
        path: ['phone'],
        error: 'is required',
        params: { code: 'required' },
      })
      .refine(({ phone, email }) => phone == null || email == null, {
        path: ['email'],
        error: 'must not be combined with phone',
        params: { code: 'ambiguous' },
      })
      .openapi('PhoneCredentials', { description: 'Phone number or email address, and password.' }),
    'Phone number or email address, and password.',
  ),
  limit: {
    name: 'logIn',
    who: (c) => {
      const { phone, email } = c.req.valid('json');
      return phone ?? email ?? '';
    },
    device: (c) => c.req.valid('json').device_token,
  },
  cost: 'password',
  isOwnOriginsOnly: true,
  fails: [
    'wrong_phone_or_password',
    'verification_required',
    'messages_off',
    'database_unavailable',
  ],
  answers: {
    200: envelope('PhoneLogInAnswer', 'Login successful', loginData),
  },
});

export const getProfileByPhone = operation({
  operationId: 'getProfileByPhone',
  method: 'get',
  path: '/api/v1/user/profile',
  tags: ['phone'],
  summary: 'Get your profile in an envelope',
  description: 'Returns the profile of the authenticated user.',
  // Without a full stop, like the message of KPA, the backend that this contract comes from.
  guard: user.withDetails({ invalid_token: 'Could not validate credentials' }),
  answers: {
    200: envelope('PhoneProfileAnswer', 'User profile fetched successfully', phoneUserSchema),
  },
});
