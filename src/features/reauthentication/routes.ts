import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { toLogInToken } from '../sign-in/contract.ts';
import type { ReauthenticationMethods } from '../sign-in/reauthentication.ts';
import { reauthenticate } from './contract.ts';

export const reauthenticationFeature = (methods: ReauthenticationMethods): Feature => ({
  addRoutes({ add }) {
    add(reauthenticate, async (c) => {
      const { password, code, device_token: deviceToken } = c.req.valid('json');
      const session = { user: c.get('user'), sessionId: c.get('session').id };
      const login =
        code === undefined
          ? // The body has exactly one of the two.
            await methods.password(
              session,
              { secret: password ?? '', deviceToken },
              c.get('caller'),
            )
          : await methods.code(session, { secret: code, deviceToken }, c.get('caller'));
      return json(c, toLogInToken(login), 200);
    });
  },
});
