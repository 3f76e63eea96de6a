import { type SQL, sql } from 'drizzle-orm';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { ADMIN, MAX_ROLES } from '../roles/role.ts';
import { leavesAnAdmin } from '../roles/statements.ts';
import type { Action, Apply } from './action.ts';
import { replaceRoles, roleChange, rolesWith, rolesWithout } from './statements.ts';

/** Changes the roles of accounts, as `AdminStore` applies actions. */
export interface RoleStore {
  /** @param roles without duplicates */
  setRoles(id: number, roles: readonly string[], action: Action): Promise<boolean>;
  /** Adds roles to those that the account has then. Also returns false if it would have too many. */
  grantRoles(id: number, roles: readonly string[], action: Action): Promise<boolean>;
  revokeRoles(id: number, roles: readonly string[], action: Action): Promise<boolean>;
}

/** @param clock milliseconds since 1970 */
export function createRoleStore(db: Database, clock: () => number, apply: Apply): RoleStore {
  /** @param wanted a JSON array */
  function changeTo(
    wanted: string | SQL,
    id: number,
    action: Action,
    condition: Condition,
  ): Promise<boolean> {
    const { isChange, detailOf } = roleChange(id, wanted);
    return apply(id, action, {
      condition: sql`${isChange} and ${condition}`,
      detail: detailOf(action.event),
      consequences: (isDone) => replaceRoles(db, id, wanted, clock(), isDone),
    });
  }

  return {
    setRoles: (id, roles, action) =>
      changeTo(
        JSON.stringify(roles),
        id,
        action,
        roles.includes(ADMIN) ? sql`true` : leavesAnAdmin(id),
      ),

    grantRoles(id, roles, action) {
      const wanted = rolesWith(id, JSON.stringify(roles));
      return changeTo(wanted, id, action, sql`json_array_length(${wanted}) <= ${MAX_ROLES}`);
    },

    revokeRoles: (id, roles, action) =>
      changeTo(
        rolesWithout(id, JSON.stringify(roles)),
        id,
        action,
        roles.includes(ADMIN) ? leavesAnAdmin(id) : sql`true`,
      ),
  };
}
