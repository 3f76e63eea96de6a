import type { Feature } from '../../core/http/feature.ts';
import type { UserStore } from './store.ts';

export const userFeature = ({
  users,
}: {
  readonly users: Pick<UserStore, 'foldNames'>;
}): Feature => ({
  jobs: [{ name: 'unfolded_names', removeSome: (limit) => users.foldNames(limit) }],
});
