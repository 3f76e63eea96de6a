import { jsonStream } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { exportAccount } from './contract.ts';
import type { AccountExport } from './schemas.ts';
import { createExportService, type ExportParts } from './service.ts';

/** Exports accounts. */
export function exportFeature(parts: ExportParts): Feature {
  const exports = createExportService(parts);
  return {
    addRoutes({ add }) {
      add(exportAccount, (c) => {
        const owner = { id: c.get('user').id, sessionId: c.get('session').id };
        return jsonStream<AccountExport>(c, exports.read(owner, c.get('caller'), c.req.url), {
          'Content-Disposition': 'attachment; filename="latchkey-export.json"',
          'Cache-Control': 'no-store',
        });
      });
    },
  };
}
