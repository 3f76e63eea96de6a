import { optional, required } from '../column.ts';
import type { AccountValues, Kind } from '../shape.ts';

/** What `latchkey export users` writes. Its column `roles` is not read: nobody becomes an administrator by an import. */
export const latchkey: Kind<keyof AccountValues> = {
  times: 'iso',
  shape: {
    table: null,
    columns: {
      id: required('id'),
      email: required('email'),
      phone: required('phone'),
      passwordHash: required('password_hash'),
      name: required('name'),
      bio: required('bio'),
      locale: required('locale'),
      // Exports of version 0.2.0 lack these.
      timeZone: optional('time_zone'),
      fields: optional('fields'),
      emailVerifiedAt: required('email_verified_at'),
      phoneVerifiedAt: required('phone_verified_at'),
      createdAt: required('created_at'),
      updatedAt: required('updated_at'),
      disabledAt: required('disabled_at'),
    },
  },
  toAccount: (cells) => ({
    id: cells.string('id') ?? '',
    email: cells.string('email'),
    phone: cells.string('phone'),
    passwordHash: cells.string('passwordHash'),
    name: cells.string('name'),
    bio: cells.string('bio'),
    locale: cells.string('locale'),
    timeZone: cells.string('timeZone'),
    fields: cells.string('fields'),
    emailVerifiedAt: cells.time('emailVerifiedAt'),
    phoneVerifiedAt: cells.time('phoneVerifiedAt'),
    createdAt: cells.time('createdAt'),
    updatedAt: cells.time('updatedAt'),
    disabledAt: cells.time('disabledAt'),
  }),
};
