import { userRoles } from '../../src/core/db/account-schema.ts';
import type { Visitor } from './page-visitor.ts';
import { createUserRoom, PASSWORD } from './user-room.ts';

/** An app with pages for administrators, and an administrator who is logged in to them. */
export async function createAdminRoom(...options: Parameters<typeof createUserRoom>) {
  const room = await createUserRoom(...options);

  const grant = (userId: number, role: string): Promise<unknown> =>
    room.db.insert(userRoles).values({ userId, role, grantedAt: room.deps.clock() });

  /** A user with a verified address and a role. */
  async function newMember(email: string, role: string) {
    const user = await room.newVerifiedUser(email, PASSWORD);
    await grant(user.id, role);
    return { ...user, visitor: await room.visitorOf(email) };
  }

  /** Submits the form of an action, from the page of the account. */
  async function act(
    visitor: Visitor,
    id: number,
    link: string,
    fields: Readonly<Record<string, string>> = {},
  ) {
    const { links } = await visitor.visit(`/admin/user?id=${id}`);
    const path = links[link];
    if (path === undefined) throw new Error(`no link ${link}`);
    await visitor.visit(path);
    return visitor.submit({ reason: 'as they asked', ...fields }, { button: link });
  }

  const admin = await newMember('root@example.com', 'admin');
  await room.received();
  return { ...room, grant, newMember, act, admin };
}

export type AdminRoom = Awaited<ReturnType<typeof createAdminRoom>>;
