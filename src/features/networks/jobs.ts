import type { Feature } from '../../core/http/feature.ts';
import type { NetworkStore } from './store.ts';

export const networkFeature = ({ networks }: { readonly networks: NetworkStore }): Feature => ({
  jobs: [{ name: 'known_networks', removeSome: (limit) => networks.removeOld(limit) }],
});
