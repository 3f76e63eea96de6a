/** Administrators may do everything, supporters may read. All other roles are free words that mean nothing here. */
export const ADMIN = 'admin';
export const SUPPORT = 'support';

/** The maximum number of roles of an account. */
export const MAX_ROLES = 20;

/** Lower-case letters, digits, `_` and `-`. No space, which separates roles in a list of the database. */
export const ROLE = /^[a-z0-9_-]{1,32}$/;

/** Reads the list of `rolesOf`. Returns the roles in alphabetical order. */
export const rolesIn = (list: string | null): readonly string[] =>
  list === null ? [] : list.split(' ').sort();
