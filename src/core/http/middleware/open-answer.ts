import { RequestCaller } from '../caller.ts';
import type { Head } from '../head.ts';
import type { Step } from './in-order.ts';

/**
 * Stands before all other steps: gives the request its id and its caller, and opens the header of its answer.
 * The id is always ours: it stands in the record of accounts, where a caller must not choose what is written.
 *
 * @param common header fields of every answer
 * @param trustedProxyHops how many proxies stand in front
 */
export const openAnswer =
  (common: Readonly<Head>, trustedProxyHops: number): Step =>
  (c) => {
    const id = crypto.randomUUID();
    c.set('requestId', id);
    c.set('caller', new RequestCaller(c, id, trustedProxyHops));
    c.set('head', { 'X-Request-Id': id, ...common });
  };
