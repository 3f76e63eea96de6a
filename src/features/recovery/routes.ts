import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { presentedIn, requesterOf } from '../codes/requester.ts';
import { forgotPassword, resetPassword } from './contract.ts';
import { createRecoveryService, type RecoveryParts } from './service.ts';

/** Recovery of accounts whose password is forgotten. */
export function recoveryFeature(parts: RecoveryParts & { readonly log: Logger }): Feature {
  const recovery = createRecoveryService(parts);
  return {
    addRoutes({ add }) {
      add(forgotPassword, async (c) => {
        await recovery.forgot(c.req.valid('json').username, requesterOf(c, parts.log));
        return json(c, {}, 202);
      });

      add(resetPassword, async (c) => {
        const { new_password: newPassword, ...presented } = c.req.valid('json');
        await recovery.reset(presentedIn(presented), newPassword, requesterOf(c, parts.log));
        return empty(c, 204);
      });
    },
  };
}
