import type { Head } from '../answer.ts';
import type { Step } from './in-order.ts';

const MAX_ID_LENGTH = 128;
const SANE_ID = /^[\w\-=]+$/;

/**
 * Stands before all other steps: gives the request its id, which is the caller's own where that is sane, and
 * opens the header of its answer.
 *
 * @param common header fields of every answer
 */
export const openAnswer =
  (common: Readonly<Head>): Step =>
  (c) => {
    const given = c.req.header('X-Request-Id');
    const isSane = given !== undefined && given.length <= MAX_ID_LENGTH && SANE_ID.test(given);
    const id = isSane ? given : crypto.randomUUID();
    c.set('requestId', id);
    c.set('head', { 'X-Request-Id': id, ...common });
  };
