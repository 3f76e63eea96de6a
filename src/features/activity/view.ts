import { z } from 'zod';
import { isoTime } from '../../core/time.ts';
import type { RecordedEvent } from '../audit/event.ts';

const detailSchema = z.record(z.string(), z.unknown());

/** An event as the owner of its account reads it. */
export const toEventView = ({
  id,
  at,
  action,
  outcome,
  address,
  userAgent,
  requestId,
  detail,
  isByAdministrator,
}: RecordedEvent) => ({
  id,
  at: isoTime(at),
  action,
  outcome,
  address,
  user_agent: userAgent,
  request_id: requestId,
  detail: detailSchema.parse(JSON.parse(detail)),
  by_administrator: isByAdministrator !== 0,
});
