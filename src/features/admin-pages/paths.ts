import { ACCOUNT_ID, ID_PATTERN } from '../admin/account.ts';
import type { StaffVisit } from '../pages/page.ts';
import { ADMIN } from '../roles/role.ts';

export const DASHBOARD = '/admin';
// Not the paths of the operations: /admin/users, /admin/audit and /admin/stats.
export const USERS = '/admin/search';
export const USER = '/admin/user';
export const ACT = '/admin/user/act';
export const INVITE = '/admin/invite';
export const AUDIT = '/admin/events';

const TARGET = new RegExp(
  String.raw`^/admin(/search|/invite|/events|/user\?id=${ID_PATTERN}|/user/act\?id=${ID_PATTERN}&do=\w{1,20})?$`,
);

/** True for the address of a page that a login can lead back to. */
export const isAdminTarget = (target: string): boolean => TARGET.test(target);

/** Reads the id of an account; `undefined` for anything else. */
export const idIn = (text: string | null): number | undefined =>
  ACCOUNT_ID.test(text ?? '') ? Number(text) : undefined;

/** Returns a path with the parameters that have a value. */
export function pathWith(
  path: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** True if the visitor may change something. */
export const mayWrite = ({ login }: StaffVisit): boolean => login.roles.includes(ADMIN);
