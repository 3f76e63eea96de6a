import { fetch, type RequestConfig, type ResponseConfig } from './generated/.kubb/fetch.ts';
import { getProfile, type LogIn400, logIn } from './generated/index.ts';

const { LATCHKEY_URL = '', LATCHKEY_USER = '', LATCHKEY_PASSWORD = '' } = process.env;
fetch.setConfig({ baseURL: LATCHKEY_URL });

/** Sends a form, and throws the problem of an error response. The generated client only sends JSON and never throws. */
async function sendForm<TData, _TError, TVariables>(
  config: RequestConfig<TVariables>,
): Promise<ResponseConfig<TData>> {
  const response = await globalThis.fetch(`${LATCHKEY_URL}${config.url}`, {
    method: config.method,
    headers: config.headers,
    body: new URLSearchParams(Object.entries(config.data ?? {})),
  });
  const body = await response.json();
  if (!response.ok) throw body;
  return { data: body, status: response.status, statusText: '', headers: response.headers };
}

const refused: LogIn400 | undefined = await logIn(
  { username: LATCHKEY_USER, password: 'wrong password' },
  { client: sendForm },
).then(
  () => undefined,
  (problem: LogIn400) => problem,
);
if (refused?.code !== 'wrong_email_or_password') throw new Error('the wrong password was accepted');

const token = await logIn(
  { username: LATCHKEY_USER, password: LATCHKEY_PASSWORD },
  { client: sendForm },
);
const profile = await getProfile(undefined, {
  headers: { Authorization: `Bearer ${token.access_token}` },
});
console.log(profile.email);
