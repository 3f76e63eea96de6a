import type { Config } from '../../config/config.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { AuditStore } from './store.ts';

interface AuditParts {
  readonly config: Pick<Config, 'auditRetention'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly audit: AuditStore;
}

export const auditFeature = ({ config, clock, audit }: AuditParts): Feature => ({
  jobs: [
    {
      name: 'audit_events',
      removeSome: (limit) => audit.removeUntil(clock() - config.auditRetention, limit),
    },
    {
      name: 'refused_logins',
      removeSome: (limit) => audit.removeRefusalsUntil(clock() - config.auditRetention, limit),
    },
  ],
});
