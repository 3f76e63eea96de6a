import { type Column, optional, required } from '../column.ts';
import type { AccountValues, Kind } from '../shape.ts';
import type { SourceMap } from '../source-map.ts';

type Key = keyof AccountValues | 'enabled';

/** A column that the map does not name is null. A column that it names must exist. */
const of = (name: string | undefined): Column => (name === undefined ? optional() : required(name));

/** Any table whose columns a map names. */
export function mapped({ table, schema, columns, times }: SourceMap): Kind<Key> {
  return {
    times,
    shape: {
      table: table ?? null,
      schema,
      columns: {
        id: required(columns.id),
        email: of(columns.email),
        phone: of(columns.phone),
        passwordHash: of(columns.password_hash),
        name: of(columns.name),
        bio: of(columns.bio),
        locale: of(columns.locale),
        timeZone: of(columns.time_zone),
        fields: of(columns.fields),
        emailVerifiedAt: of(columns.email_verified_at),
        phoneVerifiedAt: of(columns.phone_verified_at),
        createdAt: of(columns.created_at),
        updatedAt: of(columns.updated_at),
        disabledAt: of(columns.disabled_at),
        enabled: of(columns.enabled),
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
      emailVerifiedAt: cells.flagOrTime('emailVerifiedAt') || null,
      phoneVerifiedAt: cells.flagOrTime('phoneVerifiedAt') || null,
      createdAt: cells.time('createdAt'),
      updatedAt: cells.time('updatedAt'),
      disabledAt:
        columns.enabled === undefined
          ? cells.flagOrTime('disabledAt') || null
          : cells.statedFlag('enabled') === false || null,
    }),
  };
}
