import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { AuditStore } from '../audit/store.ts';
import { listActivity, PAGE_SIZE } from './contract.ts';
import { toEventView } from './view.ts';

/** Lists the events of an account for its owner. */
export const activityFeature = ({
  audit,
}: {
  readonly audit: Pick<AuditStore, 'list'>;
}): Feature => ({
  addRoutes({ add }) {
    add(listActivity, async (c) => {
      const { cursor } = c.req.valid('query');
      const before = cursor === undefined ? undefined : Number(cursor);
      const events = await audit.list(c.get('user').id, before, PAGE_SIZE + 1);
      const page = events.slice(0, PAGE_SIZE);
      const isLast = events.length <= PAGE_SIZE;
      const next_cursor = isLast ? null : String(page.at(-1)?.id ?? '');
      return json(c, { events: page.map(toEventView), next_cursor }, 200);
    });
  },
});
