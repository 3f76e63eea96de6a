import { AppError } from '../../core/errors.ts';
import { json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { isoTime } from '../../core/time.ts';
import { toSessionView } from '../sessions/view.ts';
import type { ProfileView } from '../users/profile.ts';
import type { Account } from './account.ts';
import {
  getStats,
  getUser,
  listAudit,
  listUserActivity,
  listUserSessions,
  listUsers,
  PAGE_SIZE,
  STATS_DAYS,
} from './contract.ts';
import type { Directory, Page } from './directory.ts';
import { createAccountView } from './fields.ts';
import type { AuditEntry, AuditRecord } from './record.ts';
import type { SessionDirectory } from './session-store.ts';
import type { Stats, StatsReader } from './stats.ts';

export interface AdminParts {
  readonly directory: Directory;
  readonly sessionDirectory: SessionDirectory;
  readonly auditRecord: AuditRecord;
  readonly stats: StatsReader;
  readonly profileOf: ProfileView;
}

/** What administrators and supporters read. */
export function adminFeature(parts: AdminParts): Feature {
  const { directory, sessionDirectory, auditRecord, stats, profileOf } = parts;
  const viewOf = createAccountView(profileOf);

  async function existing(id: string): Promise<Account> {
    const account = await directory.find(Number(id));
    if (!account) throw new AppError('not_found');
    return account;
  }

  return {
    addRoutes({ add }) {
      add(listUsers, async (c) => {
        const { limit = PAGE_SIZE, ...query } = c.req.valid('query');
        const page = await directory.list({ ...query, limit });
        const toView = (account: Account) => viewOf(account, c.req.url);
        return json(c, toPageView(page, toView), 200);
      });

      add(getUser, async (c) =>
        json(c, viewOf(await existing(c.req.valid('param').id), c.req.url), 200),
      );

      add(listUserSessions, async (c) => {
        const { id } = await existing(c.req.valid('param').id);
        const { limit = PAGE_SIZE, cursor } = c.req.valid('query');
        const page = await sessionDirectory.list(id, { limit, cursor });
        return json(c, toPageView(page, toSessionView), 200);
      });

      add(listUserActivity, async (c) => {
        const { id: subject } = await existing(c.req.valid('param').id);
        const { limit = PAGE_SIZE, cursor } = c.req.valid('query');
        const page = await auditRecord.list({ subject, limit, cursor });
        return json(c, toPageView(page, toEntryView), 200);
      });

      add(listAudit, async (c) => {
        const { limit = PAGE_SIZE, ...query } = c.req.valid('query');
        return json(c, toPageView(await auditRecord.list({ ...query, limit }), toEntryView), 200);
      });

      add(getStats, async (c) => {
        const { days = STATS_DAYS } = c.req.valid('query');
        return json(c, toStatsView(await stats.read(days)), 200);
      });
    },
  };
}

const toPageView = <Item, View>(
  { items, nextCursor }: Page<Item>,
  toView: (item: Item) => View,
) => ({
  items: items.map(toView),
  next_cursor: nextCursor,
});

const toEntryView = (entry: AuditEntry) => ({
  id: entry.id,
  at: isoTime(entry.at),
  action: entry.action,
  outcome: entry.outcome,
  address: entry.address,
  user_agent: entry.userAgent,
  request_id: entry.requestId,
  detail: entry.detail,
  actor_id: entry.actorId,
  subject_id: entry.subjectId,
});

const toStatsView = ({ days, messages }: Stats) => ({
  days: days.map((counts) => ({
    day: counts.day,
    sign_ups: counts.signUps,
    log_ins: counts.logIns,
    failed_log_ins: counts.failedLogIns,
    lockouts: counts.lockouts,
    active_sessions: counts.activeSessions,
  })),
  messages: { ...messages },
});
