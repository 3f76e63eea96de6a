import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Outbound, ReadAsset } from '../../core/ports.ts';
import { codePoints } from '../../core/text.ts';
import type { TraceContext } from '../../core/trace.ts';
import { foldCase } from '../users/identifier.ts';
import { createBreachedPasswords } from './breached.ts';
import { createCommonPasswords } from './common-passwords.ts';
import { type Identifiers, isSimilarToIdentifiers } from './similarity.ts';

const SERVICE_NAME = 'latchkey';
/** Rejects a password that contains the service name and at most this many other characters. */
const MAX_BESIDE_SERVICE_NAME = 4;

export interface PasswordPolicy {
  /**
   * Checks a new password. Logins do not check the policy, so that existing passwords keep working.
   *
   * @param owner the identifiers of the account
   * @param pointer JSON Pointer to the field that contains the password
   * @param trace that the look-up of breached passwords belongs to
   * @throws AppError `weak_password`, with the reason in `detail` and in the code of the field: `too_short`,
   * `similar_to_identifier`, `common_password` or `breached_password`; `misconfigured` if the list of common passwords
   * cannot be read
   */
  check(password: string, owner: Identifiers, pointer: string, trace?: TraceContext): Promise<void>;
}

/**
 * The reason why a password is rejected: the code and message of the field, and the sentence that a client shows to its
 * user.
 */
interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly detail: string;
}

const SIMILAR: Rejection = {
  code: 'similar_to_identifier',
  message: 'must not resemble the email address or phone number of the account',
  detail: 'This password is too similar to your email address or phone number.',
};
const COMMON: Rejection = {
  code: 'common_password',
  message: 'must not be common or easy to guess',
  detail: 'This password is too common. Choose one that is harder to guess.',
};
const BREACHED: Rejection = {
  code: 'breached_password',
  message: 'must not be known from a data breach',
  detail: 'This password has appeared in a data breach. Choose a different one.',
};
const tooShort = (minLength: number): Rejection => ({
  code: 'too_short',
  message: `must have at least ${minLength} characters`,
  detail: `The password must have at least ${minLength} characters.`,
});

interface PolicyParts {
  readonly log: Logger;
  readonly fetch: Outbound;
  readonly readAsset: ReadAsset;
}

/**
 * Creates the policy of OWASP ASVS 5.0 V6.2. A new password must have at least `minPasswordLength` code points in NFC
 * (6.2.1), must not be common (6.2.4), must not be derived from this person or service (6.2.11) and, if so configured,
 * must not be breached (6.2.12). There are no composition rules (6.2.5). NIST SP 800-63B-4 section 3.1.1.2 has the same
 * requirements, but also at least 15 characters if the password is the only factor. The default of 8 does not meet
 * that.
 */
export function createPasswordPolicy(
  {
    breachedPasswordsUrl: url,
    defaultPhoneRegion: region,
    minPasswordLength,
  }: Pick<Config, 'breachedPasswordsUrl' | 'defaultPhoneRegion' | 'minPasswordLength'>,
  { log, fetch, readAsset }: PolicyParts,
): PasswordPolicy {
  const common = createCommonPasswords(readAsset);
  const breached = url === undefined ? undefined : createBreachedPasswords(url, log, fetch);

  return {
    async check(password, owner, pointer, trace) {
      const weak = ({ code, message, detail }: Rejection): AppError =>
        new AppError('weak_password', { detail, fields: [{ pointer, code, message }] });

      if (codePoints(password.normalize('NFC')) < minPasswordLength) {
        throw weak(tooShort(minPasswordLength));
      }
      const folded = foldCase(password);
      if (isSimilarToIdentifiers(folded, owner, region)) throw weak(SIMILAR);
      if (isMostlyServiceName(folded) || (await common.has(folded))) throw weak(COMMON);
      if (await breached?.has(password, trace)) throw weak(BREACHED);
    },
  };
}

const isMostlyServiceName = (folded: string): boolean =>
  folded.includes(SERVICE_NAME) &&
  [...folded].length <= SERVICE_NAME.length + MAX_BESIDE_SERVICE_NAME;
