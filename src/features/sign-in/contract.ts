import { z } from '@hono/zod-openapi';
import { newDeviceTokenField } from '../devices/fields.ts';
import { toToken } from '../sessions/issuer.ts';
import { tokenSchema } from '../sessions/token-contract.ts';
import type { Login } from './service.ts';

/** The answer of every login. */
export const logInTokenSchema = z
  .object({ ...tokenSchema.shape, device_token: newDeviceTokenField })
  .openapi('LogInToken', {
    description: 'The tokens of a session (RFC 6749 section 5.1), and the token of the device.',
  });

/** Returns the body of a login response. */
export const toLogInToken = (login: Login) => ({
  ...toToken(login),
  device_token: login.deviceToken,
});
