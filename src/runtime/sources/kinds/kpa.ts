import { required } from '../column.ts';
import { EMPTY_ACCOUNT, type Kind } from '../shape.ts';

/** The replaced backend of the phone contract. Its accounts have phone numbers, and some have email addresses. */
export const kpa: Kind<'id' | 'phone' | 'passwordHash' | 'name' | 'email'> = {
  times: 'any',
  shape: {
    table: 'users',
    columns: {
      id: required('id'),
      phone: required('phone'),
      passwordHash: required('password_hash'),
      name: required('name'),
      email: required('email'),
    },
  },
  toAccount: (cells) => ({
    ...EMPTY_ACCOUNT,
    id: cells.string('id') ?? '',
    phone: cells.string('phone'),
    passwordHash: cells.string('passwordHash'),
    name: cells.string('name'),
    email: cells.string('email'),
  }),
};
