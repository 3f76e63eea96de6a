import type { Hono } from 'hono';
import { AppError } from '../../core/errors.ts';
import { json } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import type { Feature } from '../../core/http/feature.ts';
import { isLoopback } from '../../core/loopback.ts';
import type { Messages } from './service.ts';

export const messageFeature = ({
  messages,
}: {
  readonly messages: Pick<Messages, 'removeOld'>;
}): Feature => ({
  jobs: [{ name: 'messages', removeSome: (limit) => messages.removeOld(limit) }],
});

/**
 * Serves the messages that were printed on the console, with their tokens: in development only, and only to a program of
 * this machine. A page of another site may reach this address by a name of its own that leads to 127.0.0.1, so the `Host`
 * counts too; behind a proxy the peer is the proxy, so nothing that was forwarded is answered.
 */
export function addPrintedMessages(
  router: Hono<Env>,
  { printed }: Pick<Messages, 'printed'>,
): void {
  router.get('/dev/messages', (c) => {
    const peer = c.env?.clientAddress?.replace(/^::ffff:/i, '') ?? '';
    const host = c.req.header('Host') ?? new URL(c.req.url).host;
    const isForwarded = ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'].some((name) =>
      c.req.header(name),
    );
    if (isForwarded || !isLoopback(peer) || !isLoopback(host.replace(/:\d*$/, ''))) {
      throw new AppError('not_found');
    }
    return json(c, printed(), 200, { 'Cache-Control': 'no-store' });
  });
}
