import type { User } from '../users/user.ts';
import type { LiveSession } from './session.ts';

/** The row of a live session: the columns of a user in their order, and one more. */
export type LiveRow = readonly [
  id: number,
  email: string | null,
  phone: string | null,
  name: string | null,
  bio: string,
  version: number,
  createdAt: number,
  updatedAt: number,
  lastUsedAt: number,
];

/** By position: the rows of some drivers can be indexed and no more. */
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
  },
  session: { id, lastUsedAt: row[8] },
});
