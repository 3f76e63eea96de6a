import { optional, required } from '../column.ts';
import { EMPTY_ACCOUNT, type Kind } from '../shape.ts';

/** Begins the hash of an account that cannot log in with a password. */
const UNUSABLE = '!';
const PHONE = /^\+?[\d ().-]+$/;

/**
 * Django: the table `auth_user`. A user name that is an email address or a phone number is used as one if the account
 * has no email address; any other is dropped.
 */
export const django: Kind<
  'id' | 'email' | 'username' | 'passwordHash' | 'firstName' | 'lastName' | 'isActive' | 'createdAt'
> = {
  times: 'iso',
  shape: {
    table: 'auth_user',
    columns: {
      id: required('id'),
      email: required('email'),
      username: required('username'),
      passwordHash: required('password'),
      firstName: optional('first_name'),
      lastName: optional('last_name'),
      isActive: required('is_active'),
      createdAt: required('date_joined'),
    },
  },
  toAccount(cells) {
    const hash = cells.string('passwordHash');
    const username = cells.string('username') ?? '';
    const email = cells.string('email');
    const isEmail = email === null && username.includes('@');
    const names = [cells.string('firstName'), cells.string('lastName')];
    return {
      ...EMPTY_ACCOUNT,
      id: cells.string('id') ?? '',
      email: isEmail ? username : email,
      phone: email === null && isPhone(username) ? username : null,
      passwordHash: hash?.startsWith(UNUSABLE) ? null : hash,
      name: names.filter((name) => name !== null).join(' ') || null,
      createdAt: cells.time('createdAt'),
      disabledAt: cells.statedFlag('isActive') === false || null,
    };
  },
};

/** With fewer digits, and no country code, it is a number of another kind. */
function isPhone(username: string): boolean {
  const digits = username.replaceAll(/\D/g, '').length;
  return PHONE.test(username) && digits <= 15 && digits >= (username.startsWith('+') ? 7 : 10);
}
