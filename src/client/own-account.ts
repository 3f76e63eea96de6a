import { unexpected } from './http.ts';
import type { Request } from './operation.ts';
import type { Client, Versioned } from './types.ts';

type OwnAccount = Pick<
  Client,
  | 'getOwnSession'
  | 'listSessions'
  | 'endSession'
  | 'endSessions'
  | 'listDevices'
  | 'removeDevice'
  | 'listActivity'
  | 'getProfile'
  | 'updateProfile'
  | 'patchProfile'
  | 'setAvatar'
  | 'removeAvatar'
  | 'deleteAccount'
  | 'exportAccount'
>;

/** The server accepts 5 MB for nearly two minutes. */
const UPLOAD_MS = 120_000;

/** Creates the methods that read and change the account of the user: profile, sessions, devices and activity. */
export const createOwnAccount = (request: Request): OwnAccount => ({
  getOwnSession: (callOptions) => request('GET', '/auth/session', callOptions),
  listSessions: (callOptions) => request('GET', '/auth/sessions', callOptions),

  endSession: (id, callOptions) =>
    request('DELETE', '/auth/sessions/{id}', { ...callOptions, params: { id } }),

  endSessions: ({ all = false, ...callOptions } = {}) =>
    request('DELETE', '/auth/sessions', { ...callOptions, query: { all: `${all}` } }),

  listDevices: (callOptions) => request('GET', '/auth/devices', callOptions),

  removeDevice: (id, callOptions) =>
    request('DELETE', '/auth/devices/{id}', { ...callOptions, params: { id } }),

  listActivity: ({ cursor, ...callOptions } = {}) =>
    request('GET', '/auth/activity', {
      ...callOptions,
      query: cursor === undefined ? {} : { cursor },
    }),

  async getProfile(callOptions) {
    const answer = await request('GET', '/profile/me', callOptions);
    if (answer.status === 304) throw unexpected(answer.status, answer.headers);
    return answer;
  },

  updateProfile: (changes, options) =>
    request('PUT', '/profile/me', { ...versioned(options), body: changes }),

  patchProfile: (changes, options) =>
    request('PATCH', '/profile/me', { ...versioned(options), body: changes }),

  setAvatar: (file, callOptions) =>
    request('PUT', '/profile/me/avatar', { timeout: UPLOAD_MS, ...callOptions, file }),

  async removeAvatar(callOptions) {
    await request('DELETE', '/profile/me/avatar', callOptions);
  },

  async deleteAccount(callOptions) {
    await request('DELETE', '/profile/me', callOptions);
  },

  exportAccount: (callOptions) => request('GET', '/profile/me/export', callOptions),
});

/** Sends the expected version of the profile as a precondition. */
const versioned = ({ ifMatch, ...callOptions }: Versioned = {}) => ({
  ...callOptions,
  headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
});
