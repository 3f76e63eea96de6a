import { client } from './generated/client.gen.ts';
import { getProfile, logIn } from './generated/sdk.gen.ts';

const { LATCHKEY_URL = '', LATCHKEY_USER = '', LATCHKEY_PASSWORD = '' } = process.env;
client.setConfig({ baseUrl: LATCHKEY_URL });

const refused = await logIn({ body: { username: LATCHKEY_USER, password: 'wrong password' } });
if (refused.error?.code !== 'wrong_email_or_password')
  throw new Error('the wrong password was accepted');

const { data: token, error } = await logIn({
  body: { username: LATCHKEY_USER, password: LATCHKEY_PASSWORD },
});
if (!token) throw new Error(error.code);
// The generated operations send the token where the document requires it.
client.setConfig({ auth: token.access_token });
const profile = await getProfile();
if (!profile.data) throw new Error('no profile');
console.log(profile.data.email);
