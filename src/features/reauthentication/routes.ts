import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { toToken } from '../sessions/issuer.ts';
import type { ReauthenticationMethods } from '../sign-in/reauthentication.ts';
import { reauthenticate } from './contract.ts';

export const reauthenticationFeature = (methods: ReauthenticationMethods): Feature => ({
  addRoutes({ add }) {
    add(reauthenticate, async (c) => {
      const { password, code } = c.req.valid('json');
      const session = { user: c.get('user'), sessionId: c.get('session').id };
      const login =
        code === undefined
          ? // The body has exactly one of the two.
            await methods.password(session, password ?? '', c.get('caller'))
          : await methods.code(session, code, c.get('caller'));
      return json(c, toToken(login), 200);
    });
  },
});
