import { AppError } from '../../core/errors.ts';
import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import type { SessionStore } from '../sessions/store.ts';
import { confirmVerification, requestVerification } from './contract.ts';
import type { VerificationService } from './service.ts';

interface VerificationFeatureParts {
  readonly verification: VerificationService;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
  readonly log: Logger;
}

/** Verifies addresses. */
export const verificationFeature = ({
  verification,
  sessions,
  log,
}: VerificationFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(requestVerification, async (c) => {
      const { channel } = c.req.valid('json');
      const isLoggedIn = sessions.isLoggedInBy(c.get('session').id);
      await verification.request(c.get('user'), channel, requesterOf(c, log), isLoggedIn);
      return json(c, {}, 202);
    });

    add(confirmVerification, async (c) => {
      const { token, channel = 'email', code = '' } = c.req.valid('json');
      const requester = requesterOf(c, log);
      if (token !== undefined) await verification.confirmByLink(token, requester);
      else {
        const [user, session] = [c.get('user'), c.get('session')];
        if (!user || !session) throw new AppError('not_authenticated');
        const isLoggedIn = sessions.isLoggedInBy(session.id);
        await verification.confirmByCode(user, channel, code, requester, isLoggedIn);
      }
      return empty(c, 204);
    });
  },
});
