import { AppError } from '../../core/errors.ts';
import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { TokenKeys } from '../sessions/token-keys.ts';
import { getHealth, getReadiness } from './contract.ts';

interface HealthParts {
  /** Rejects if the database does not respond. */
  readonly pingDatabase: () => Promise<void>;
  readonly tokenKeys: Pick<TokenKeys, 'signing'>;
}

export const healthFeature = ({ pingDatabase, tokenKeys }: HealthParts): Feature => ({
  addRoutes({ add }) {
    add(getHealth, (c) => json(c, { status: 'ok' as const }, 200));

    add(getReadiness, async (c) => {
      try {
        await pingDatabase();
      } catch (cause) {
        throw new AppError('database_unavailable', { cause });
      }
      await tokenKeys.signing();
      return json(c, { status: 'ready' as const }, 200);
    });
  },
});
