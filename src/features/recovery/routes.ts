import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { presentedIn, requesterOf } from '../codes/requester.ts';
import { forgotPassword, resetPassword } from './contract.ts';
import type { RecoveryService } from './service.ts';

interface RecoveryFeatureParts {
  readonly recovery: RecoveryService;
  readonly log: Logger;
}

/** Recovery of accounts whose password is forgotten. */
export function recoveryFeature({ recovery, log }: RecoveryFeatureParts): Feature {
  return {
    addRoutes({ add }) {
      add(forgotPassword, async (c) => {
        await recovery.forgot(c.req.valid('json').username, requesterOf(c, log));
        return json(c, {}, 202);
      });

      add(resetPassword, async (c) => {
        const { new_password: newPassword, ...presented } = c.req.valid('json');
        await recovery.reset(presentedIn(presented), newPassword, requesterOf(c, log));
        return empty(c, 204);
      });
    },
  };
}
