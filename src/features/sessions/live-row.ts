import { rolesIn } from '../roles/role.ts';
import type { User } from '../users/user.ts';
import type { LiveSession, Membership } from './session.ts';

/** A row of the live-session query: the columns of `userColumns` in their order, then those of the session. */
export type LiveRow = readonly [
  id: number,
  email: string | null,
  phone: string | null,
  name: string | null,
  bio: string,
  version: number,
  createdAt: number,
  updatedAt: number,
  emailVerifiedAt: number | null,
  phoneVerifiedAt: number | null,
  avatarKey: string | null,
  locale: string | null,
  timeZone: string | null,
  fields: string | null,
  lastUsedAt: number,
  authTime: number,
];

/** Reads columns by index, because the rows of some drivers support only that. */
export const toLive = (row: LiveRow, id: string): { user: User; session: LiveSession } => ({
  user: {
    id: row[0],
    email: row[1],
    phone: row[2],
    name: row[3],
    bio: row[4],
    version: row[5],
    createdAt: row[6],
    updatedAt: row[7],
    emailVerifiedAt: row[8],
    phoneVerifiedAt: row[9],
    avatarKey: row[10],
    locale: row[11],
    timeZone: row[12],
    fields: row[13],
  },
  session: { id, lastUsedAt: row[14], authTime: row[15] },
});

/** The same columns, then further ones of the session, and the roles of the user. */
export type MembershipRow = readonly [
  ...LiveRow,
  createdAt: number,
  expiresAt: number,
  method: string,
  roles: string | null,
];

export function toMembership(row: MembershipRow, id: string): Membership {
  const [createdAt, expiresAt, method, roles] = [row[16], row[17], row[18], row[19]];
  // The cast is safe: the first columns of the row are those of the other one.
  const { user, session } = toLive(row as unknown as LiveRow, id);
  return { user, session: { ...session, createdAt, expiresAt, method }, roles: rolesIn(roles) };
}
