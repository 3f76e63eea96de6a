import type { Method } from './operation.ts';
import type { operations, paths } from './schema.ts';

/**
 * Every operation of the OpenAPI document by its id, which is also the name of the client's method. `getAvatar` has
 * none: browsers load it.
 */
export const OPERATIONS = {
  signUp: 'POST /auth/signup',
  logIn: 'POST /auth/login',
  refreshTokens: 'POST /auth/refresh',
  logOut: 'POST /auth/logout',
  changePassword: 'POST /auth/password/change',
  reauthenticate: 'POST /auth/reauthenticate',
  requestVerification: 'POST /auth/verification',
  confirmVerification: 'POST /auth/verification/confirm',
  forgotPassword: 'POST /auth/password/forgot',
  resetPassword: 'POST /auth/password/reset',
  requestLoginCode: 'POST /auth/code',
  logInByCode: 'POST /auth/code/login',
  requestReauthenticationCode: 'POST /auth/reauthenticate/code',
  changeEmail: 'POST /auth/email/change',
  confirmEmail: 'POST /auth/email/confirm',
  undoEmail: 'POST /auth/email/undo',
  changePhone: 'POST /auth/phone/change',
  confirmPhone: 'POST /auth/phone/confirm',
  undoPhone: 'POST /auth/phone/undo',
  getOwnSession: 'GET /auth/session',
  listSessions: 'GET /auth/sessions',
  endSessions: 'DELETE /auth/sessions',
  endSession: 'DELETE /auth/sessions/{id}',
  listDevices: 'GET /auth/devices',
  removeDevice: 'DELETE /auth/devices/{id}',
  listActivity: 'GET /auth/activity',
  getProfile: 'GET /profile/me',
  updateProfile: 'PUT /profile/me',
  patchProfile: 'PATCH /profile/me',
  setAvatar: 'PUT /profile/me/avatar',
  removeAvatar: 'DELETE /profile/me/avatar',
  getAvatar: 'GET /avatars/{key}',
  deleteAccount: 'DELETE /profile/me',
  exportAccount: 'GET /profile/me/export',
  signUpByPhone: 'POST /api/v1/auth/signup',
  logInByPhone: 'POST /api/v1/auth/login',
  getProfileByPhone: 'GET /api/v1/user/profile',
  listUsers: 'GET /admin/users',
  getUser: 'GET /admin/users/{id}',
  listUserSessions: 'GET /admin/users/{id}/sessions',
  listUserActivity: 'GET /admin/users/{id}/activity',
  listAudit: 'GET /admin/audit',
  getStats: 'GET /admin/stats',
  inviteUser: 'POST /admin/users',
  updateUser: 'PATCH /admin/users/{id}',
  removeUser: 'DELETE /admin/users/{id}',
  disableUser: 'POST /admin/users/{id}/disable',
  enableUser: 'POST /admin/users/{id}/enable',
  unlockUser: 'POST /admin/users/{id}/unlock',
  requireUserReset: 'POST /admin/users/{id}/require-reset',
  signOutUser: 'POST /admin/users/{id}/sign-out',
  setUserRoles: 'PUT /admin/users/{id}/roles',
  getPublicKeys: 'GET /.well-known/jwks.json',
  getHealth: 'GET /healthz',
  getReadiness: 'GET /readyz',
} as const satisfies Record<keyof operations, `${Method} ${keyof paths}`>;

const SUGGESTIONS = 3;

/**
 * Returns a hint that names the closest operations, or an empty text if the document has the operation. Only explains a
 * failed call: a newer server may have operations that this client does not know.
 */
export function hintFor(operation: string): string {
  const known: string[] = Object.values(OPERATIONS);
  if (known.includes(operation)) return '';
  const closest = known
    .map((other) => ({ other, likeness: likeness(operation, other) }))
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, SUGGESTIONS)
    .map(({ other }) => other);
  return ` (no known operation: ${operation}; the closest are ${closest.join(', ')})`;
}

/** The share of characters that two texts have in common at their beginning and end, 0 to 1. */
function likeness(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  return (head + tail) / Math.max(a.length, b.length);
}
