import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { TokenKeys } from '../sessions/token-keys.ts';
import { getPublicKeys } from './contract.ts';
import { PUBLISHED_MAX_AGE_SECONDS } from './signing-key.ts';

export const keyFeature = ({
  tokenKeys,
}: {
  readonly tokenKeys: Pick<TokenKeys, 'published'>;
}): Feature => ({
  addRoutes({ add }) {
    add(getPublicKeys, async (c) => {
      const keys = await tokenKeys.published();
      return json(c, { keys: [...keys] }, 200, {
        'Cache-Control': `public, max-age=${PUBLISHED_MAX_AGE_SECONDS}`,
      });
    });
  },
});
