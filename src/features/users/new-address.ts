import { AppError } from '../../core/errors.ts';
import { type Identifier, normalizeEmail, normalizePhone } from './identifier.ts';

/** An address to store: as its user entered it, and its unique form. */
export interface NewAddress {
  readonly entered: string;
  readonly normalized: string;
}

/**
 * @param region ISO 3166 country of phone numbers without a country code
 * @throws AppError `validation_failed`, with the member of the body that is named like the kind
 */
export function newAddress(kind: Identifier['kind'], entered: string, region: string): NewAddress {
  const normalized = kind === 'email' ? normalizeEmail(entered) : normalizePhone(entered, region);
  if (normalized !== undefined) return { entered, normalized };
  const message = kind === 'email' ? 'must be an email address' : 'must be a phone number';
  throw new AppError('validation_failed', {
    fields: [{ pointer: `#/${kind}`, code: `invalid_${kind}`, message }],
  });
}
