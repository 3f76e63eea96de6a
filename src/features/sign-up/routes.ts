import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import { toSignedUpUser } from '../users/user.ts';
import { signUp } from './contract.ts';
import type { SignUpService } from './service.ts';

interface SignUpFeatureParts {
  readonly signUps: SignUpService;
  readonly log: Logger;
}

export const signUpFeature = ({ signUps, log }: SignUpFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(signUp, async (c) => {
      const user = await signUps.signUp(c.req.valid('json'), requesterOf(c, log));
      if (user === 'accepted') return json(c, {}, 202);
      return json(c, toSignedUpUser(user), 201);
    });
  },
});
