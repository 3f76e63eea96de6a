import { getProfile, logIn } from './generated/client.ts';

const { LATCHKEY_USER = '', LATCHKEY_PASSWORD = '' } = process.env;

const refused = await logIn({ username: LATCHKEY_USER, password: 'wrong password' });
if (refused.status !== 400 || refused.data.code !== 'wrong_email_or_password') {
  throw new Error('the wrong password was accepted');
}

const login = await logIn({ username: LATCHKEY_USER, password: LATCHKEY_PASSWORD });
if (login.status !== 200) throw new Error(login.data.code);
const profile = await getProfile({
  headers: { Authorization: `Bearer ${login.data.access_token}` },
});
if (profile.status !== 200) throw new Error(`status ${profile.status}`);
console.log(profile.data.email);
