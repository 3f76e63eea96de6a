import type { Head } from '../answer.ts';
import type { Step } from './in-order.ts';

/**
 * Stands before all other steps: gives the request its id and opens the header of its answer. The id is always
 * ours: it stands in the record of accounts, where a caller must not choose what is written.
 *
 * @param common header fields of every answer
 */
export const openAnswer =
  (common: Readonly<Head>): Step =>
  (c) => {
    const id = crypto.randomUUID();
    c.set('requestId', id);
    c.set('head', { 'X-Request-Id': id, ...common });
  };
