import type { Feature } from '../../core/http/feature.ts';
import type { CredentialStore } from './store.ts';

export const lockoutFeature = ({
  credentials,
}: {
  readonly credentials: Pick<CredentialStore, 'removeOldFailures'>;
}): Feature => ({
  jobs: [{ name: 'login_failures', removeSome: (limit) => credentials.removeOldFailures(limit) }],
});
