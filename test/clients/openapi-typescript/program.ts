import createClient from 'openapi-fetch';
import type { paths } from './generated/schema.ts';

const { LATCHKEY_URL = '', LATCHKEY_USER = '', LATCHKEY_PASSWORD = '' } = process.env;
const client = createClient<paths>({ baseUrl: LATCHKEY_URL });
const logIn = (password: string) =>
  client.POST('/auth/login', {
    body: { username: LATCHKEY_USER, password },
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });

const refused = await logIn('wrong password');
if (refused.error?.code !== 'wrong_email_or_password')
  throw new Error('the wrong password was accepted');

const { data: token, error } = await logIn(LATCHKEY_PASSWORD);
if (!token) throw new Error(error.code);
const profile = await client.GET('/profile/me', {
  headers: { Authorization: `Bearer ${token.access_token}` },
});
if (!profile.data) throw new Error(profile.error?.code ?? 'not modified');
console.log(profile.data.email);
