import type { Feature } from '../../core/http/feature.ts';
import type { Messages } from './service.ts';

export const messageFeature = ({ messages }: { readonly messages: Messages }): Feature => ({
  jobs: [{ name: 'messages', removeSome: (limit) => messages.removeOld(limit) }],
});
