import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { toSignedUpUser } from '../users/user.ts';
import { signUp } from './contract.ts';
import type { SignUpService } from './service.ts';

export const signUpFeature = ({ signUps }: { readonly signUps: SignUpService }): Feature => ({
  addRoutes({ add }) {
    add(signUp, async (c) => {
      const user = await signUps.signUp(c.req.valid('json'), c.get('caller'));
      return json(c, toSignedUpUser(user), 201);
    });
  },
});
