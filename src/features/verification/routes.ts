import { AppError } from '../../core/errors.ts';
import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import { sessionUserOf } from '../sessions/guards.ts';
import { confirmVerification, requestVerification } from './contract.ts';
import type { VerificationService } from './service.ts';

interface VerificationFeatureParts {
  readonly verification: VerificationService;
  readonly log: Logger;
}

/** Verifies addresses. */
export const verificationFeature = ({ verification, log }: VerificationFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(requestVerification, async (c) => {
      const { channel } = c.req.valid('json');
      await verification.request(sessionUserOf(c), channel, requesterOf(c, log));
      return json(c, {}, 202);
    });

    add(confirmVerification, async (c) => {
      const { token, channel = 'email', code = '' } = c.req.valid('json');
      const caller = c.get('caller');
      if (token !== undefined) await verification.confirmByLink(token, caller);
      else {
        const user = c.get('user');
        if (!user) throw new AppError('not_authenticated');
        await verification.confirmByCode(user, channel, code, caller);
      }
      return empty(c, 204);
    });
  },
});
