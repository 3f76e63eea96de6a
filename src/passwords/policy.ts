import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { foldCase } from '../users/identifier.ts';
import { createBreachedPasswords } from './breached.ts';
import { isCommonPassword } from './common-passwords.ts';
import { type Identifiers, isSimilarToIdentifiers } from './similarity.ts';

/** Our name, and how many characters more do not make a password of it. */
const SERVICE_NAME = 'latchkey';
const MAX_BESIDE_SERVICE_NAME = 4;

export interface PasswordPolicy {
  /**
   * Lets a password be set, or not. Its length is checked by then; a password that is set already is never
   * measured by this.
   *
   * @param owner by what its owner is known
   * @param pointer to the field that holds it
   * @throws AppError `validation_failed`, with why in the field's code: `common_password`,
   * `similar_to_identifier` or `breached_password`
   */
  check(password: string, owner: Identifiers, pointer: string): Promise<void>;
}

/**
 * What NIST SP 800-63B-4 section 3.1.1.2 and OWASP ASVS 5.0 V6.2 ask of a new password besides its length:
 * that it is not commonly used (6.2.4), expected of this person or service (6.2.11) or, if so configured,
 * known from a breach (6.2.12). Nothing is asked of its composition (6.2.5).
 */
export function createPasswordPolicy(
  {
    breachedPasswordsUrl: url,
    defaultPhoneRegion: region,
  }: Pick<Config, 'breachedPasswordsUrl' | 'defaultPhoneRegion'>,
  log: Logger,
): PasswordPolicy {
  const breached = url === undefined ? undefined : createBreachedPasswords(url, log);

  return {
    async check(password, owner, pointer) {
      const refusal = (code: string, message: string): AppError =>
        new AppError('validation_failed', { fields: [{ pointer, code, message }] });

      const folded = foldCase(password);
      // First, since it is exact: of the list's refusals some are mistakes.
      if (isSimilarToIdentifiers(folded, owner, region)) {
        throw refusal(
          'similar_to_identifier',
          'must not be like the email address or phone number of the account',
        );
      }
      if (isCommonPassword(folded) || isServiceName(folded)) {
        throw refusal('common_password', 'must not be one that many people use or would guess');
      }
      if (await breached?.has(password)) {
        throw refusal('breached_password', 'must not be one that is known from a data breach');
      }
    },
  };
}

const isServiceName = (folded: string): boolean =>
  folded.includes(SERVICE_NAME) &&
  [...folded].length <= SERVICE_NAME.length + MAX_BESIDE_SERVICE_NAME;
