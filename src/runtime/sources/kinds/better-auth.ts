import { optional, required } from '../column.ts';
import { EMPTY_ACCOUNT, type Kind } from '../shape.ts';

const USER_ID = required('userId', 'user_id');
const PROVIDER = required('providerId', 'provider_id');

/**
 * Better Auth: the tables `user` and `account`, with columns in camel case or snake case. Passwords are those of the
 * provider `credential`. An account that is banned is disabled, also if its ban would end.
 */
export const betterAuth: Kind<
  | 'id'
  | 'email'
  | 'passwordHash'
  | 'name'
  | 'emailVerifiedAt'
  | 'createdAt'
  | 'updatedAt'
  | 'disabledAt'
  | 'phone'
  | 'phoneVerifiedAt'
> = {
  times: 'any',
  shape: {
    table: 'user',
    columns: {
      id: required('id'),
      email: required('email'),
      passwordHash: required('password'),
      name: optional('name'),
      emailVerifiedAt: required('emailVerified', 'email_verified'),
      createdAt: optional('createdAt', 'created_at'),
      updatedAt: optional('updatedAt', 'updated_at'),
      disabledAt: optional('banned'),
      phone: optional('phoneNumber', 'phone_number'),
      phoneVerifiedAt: optional('phoneNumberVerified', 'phone_number_verified'),
    },
    credentials: {
      table: 'account',
      userId: USER_ID,
      provider: PROVIDER,
      providerValue: 'credential',
      password: required('password'),
    },
  },
  toAccount: (cells) => ({
    ...EMPTY_ACCOUNT,
    id: cells.string('id') ?? '',
    email: cells.string('email'),
    phone: cells.string('phone'),
    passwordHash: cells.string('passwordHash'),
    name: cells.string('name'),
    emailVerifiedAt: cells.flagOrTime('emailVerifiedAt') || null,
    phoneVerifiedAt: cells.flagOrTime('phoneVerifiedAt') || null,
    createdAt: cells.time('createdAt'),
    updatedAt: cells.time('updatedAt'),
    disabledAt: cells.flag('disabledAt') || null,
  }),
};
