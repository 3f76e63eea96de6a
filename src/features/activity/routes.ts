import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { json } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import { isoTime } from '../../core/time.ts';
import type { RecordedEvent } from '../audit/event.ts';
import type { AuditStore } from '../audit/store.ts';
import { activityRoute, PAGE_SIZE } from './contract.ts';

const detailSchema = z.record(z.string(), z.unknown());

export function auditRoutes(
  audit: AuditStore,
  requireUser: MiddlewareHandler<Env>,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(activityRoute, requireUser), async (c) => {
    const { cursor } = c.req.valid('query');
    const before = cursor === undefined ? undefined : Number(cursor);
    const events = await audit.list(c.get('user').id, before, PAGE_SIZE + 1);
    const page = events.slice(0, PAGE_SIZE);
    const isLast = events.length <= PAGE_SIZE;
    const next_cursor = isLast ? null : String(page.at(-1)?.id ?? '');
    return json(c, { events: page.map(toView), next_cursor }, 200);
  });

  return router;
}

const toView = ({
  id,
  at,
  action,
  outcome,
  address,
  userAgent,
  requestId,
  detail,
}: RecordedEvent) => ({
  id,
  at: isoTime(at),
  action,
  outcome,
  address,
  user_agent: userAgent,
  request_id: requestId,
  detail: detailSchema.parse(JSON.parse(detail)),
});
