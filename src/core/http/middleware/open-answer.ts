import { RequestCaller } from '../caller.ts';
import type { Head } from '../head.ts';
import type { Step } from './in-order.ts';

/**
 * The first step: sets the id and the caller of the request, and the initial header fields of its response. The id
 * never comes from the client, because it is stored in the audit log.
 *
 * @param common header fields of every response
 * @param trustedProxyHops number of trusted proxies in front of the server
 */
export const openAnswer =
  (common: Readonly<Head>, trustedProxyHops: number): Step =>
  (c) => {
    const id = crypto.randomUUID();
    c.set('requestId', id);
    c.set('caller', new RequestCaller(c, id, trustedProxyHops));
    c.set('head', { 'X-Request-Id': id, ...common });
  };
