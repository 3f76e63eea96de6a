import { AppError } from '../../errors.ts';
import type { Step } from './in-order.ts';

const MAX_URI_LENGTH = 4096;

/**
 * Rejects a URI that is longer than any operation needs.
 *
 * @throws AppError `uri_too_long`
 */
export const limitUri: Step = (c) => {
  const { url } = c.req;
  if (url.length - url.indexOf('/', 'https://'.length) > MAX_URI_LENGTH) {
    throw new AppError('uri_too_long');
  }
};
