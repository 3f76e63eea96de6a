// The requests of this API as text, built once and sent many times.

const HOST = 'Host: 127.0.0.1';
const USER_AGENT = 'User-Agent: latchkey-bench';

const withBody = (method: string, path: string, type: string, body: string, more = ''): string =>
  `${method} ${path} HTTP/1.1\r\n${HOST}\r\n${USER_AGENT}\r\nContent-Type: ${type}\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const bearer = (token: string): string => `Authorization: Bearer ${token}\r\n`;

/** @param headers complete header lines, each with its CRLF */
export const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\n${HOST}\r\n${USER_AGENT}\r\n${headers}\r\n`;

export const readProfile = (accessToken: string): string => get('/profile/me', bearer(accessToken));

/** The header line by which a proxy in front of the server forwards the client's address. */
const from = (address: string): string => `X-Forwarded-For: ${address}\r\n`;

export const readProfileFrom = (address: string, accessToken: string): string =>
  get('/profile/me', bearer(accessToken) + from(address));

export const updateProfileFrom = (address: string, accessToken: string, bio: string): string =>
  withBody(
    'PUT',
    '/profile/me',
    'application/json',
    JSON.stringify({ bio }),
    bearer(accessToken) + from(address),
  );

export const logIn = (username: string, password: string): string =>
  withBody(
    'POST',
    '/auth/login',
    'application/x-www-form-urlencoded',
    new URLSearchParams({ username, password }).toString(),
  );

/**
 * Longer than any body with a refresh token. Fixed, because the counts in tokens grow but `Content-Length` must not
 * change.
 */
const REFRESH_BODY_LENGTH = 160;

/** The generator replaces `{refresh_token}` by a token and removes the same number of blanks from the end. */
export const refresh = (): string =>
  withBody(
    'POST',
    '/auth/refresh',
    'application/json',
    '{"refresh_token":"{refresh_token}"}'.padEnd(REFRESH_BODY_LENGTH),
  );
