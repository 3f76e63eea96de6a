import { required } from '../column.ts';
import { EMPTY_ACCOUNT, type Kind } from '../shape.ts';

/** The Profile Management System, the replaced backend of profiles. Its accounts have email addresses. */
export const pms: Kind<'id' | 'email' | 'passwordHash' | 'name' | 'bio'> = {
  times: 'any',
  shape: {
    table: 'users',
    columns: {
      id: required('id'),
      email: required('email'),
      passwordHash: required('hashed_password'),
      name: required('name'),
      bio: required('bio'),
    },
  },
  toAccount: (cells) => ({
    ...EMPTY_ACCOUNT,
    id: cells.string('id') ?? '',
    email: cells.string('email'),
    passwordHash: cells.string('passwordHash'),
    name: cells.string('name'),
    bio: cells.string('bio'),
  }),
};
