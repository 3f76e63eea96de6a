import { z } from '@hono/zod-openapi';
import { Guard, operation } from '../../core/http/operation.ts';

/** Requires the token of the setting `METRICS_TOKEN`. */
export const scraper = new Guard({
  name: 'scraper',
  security: [],
  fails: ['not_authenticated', 'invalid_token'],
});

export const METRICS_PATH = '/metrics';

export const getMetrics = operation({
  operationId: 'getMetrics',
  guard: scraper,
  method: 'get',
  path: METRICS_PATH,
  tags: ['operations'],
  summary: 'Metrics',
  description: 'Metrics of this process and of the database, in the text format of Prometheus.',
  // The document is for programs that act for users, and this token is not theirs.
  isHidden: true,
  // Numbers are needed most under overload. Without the token, an answer costs less than counting it would.
  isAlwaysAnswered: true,
  answers: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
  },
});
