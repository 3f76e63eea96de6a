import type { Context } from 'hono';
import { weightsIn } from '../preferences.ts';

/** The content codings of static files, best first. */
const ENCODINGS = ['br', 'gzip', 'identity'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/**
 * Returns the content coding that the client prefers (RFC 9110 section 12.5.3). If it prefers several equally, returns
 * the one with the smallest output.
 */
export function encodingFor(c: Pick<Context, 'req'>): Encoding {
  const weights = weightsIn(c.req.header('Accept-Encoding'));
  const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  const best = ENCODINGS.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a));
  return weightOf(best) > 0 ? best : 'identity';
}
