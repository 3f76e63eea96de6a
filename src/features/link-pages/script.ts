/**
 * The script of the pages, the same for all. It takes the token out of the address, so that neither the history of the
 * browser nor a copied address has it, and sends it only when the user submits the form: a program that fetches or
 * renders the links of a mail uses none up.
 *
 * `data-page` has texts, and the paths of the operations relative to the page, because a proxy may serve the API below a
 * path. A link of `undo` does not tell its channel: if the first operation does not know the token, the second is called.
 */
export const SCRIPT = `
const [page, token] = location.href.split('#');
history.replaceState(null, '', page);
addEventListener('hashchange', () => location.reload());

const [form, password, reason, outcome, toggle] = ['form', '#password', '#reason', '#outcome', '#show']
  .map((selector) => document.querySelector(selector));
const { calls, done, incomplete, failed, weak, retry } = JSON.parse(form?.dataset.page ?? '{}');
let isBusy = false;

function write(element, ...words) {
  [...element.children].forEach((line, at) => { line.textContent = words[at]; });
}

function end(...words) {
  form.hidden = true;
  write(outcome, ...words);
  outcome.focus();
}

function later(title, seconds) {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  write(outcome, retry.replace('{time}', format.format(Math.ceil(seconds / 60) || 1, 'minute')), title);
}

async function submit() {
  const body = JSON.stringify({ token, new_password: password?.value });
  const headers = { 'Content-Type': 'application/json' };
  let response, problem;
  for (const call of calls) {
    response = await fetch(call, { method: 'POST', headers, body, signal: AbortSignal.timeout(60000) });
    if (response.status === 204) return end(done);
    problem = await response.json();
    if (problem.code !== 'invalid_code') break;
  }
  const { code, title, detail, errors } = problem;
  if (code === 'weak_password' || errors?.[0]?.pointer === '#/new_password') {
    write(outcome);
    write(reason, weak, detail);
    password.ariaInvalid = true;
    password.focus();
  } else if ([400, 422].includes(response.status)) end(failed, detail);
  else later(title, response.headers.get('Retry-After'));
}

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (isBusy) return;
  isBusy = true;
  write(outcome, '…');
  if (password) {
    write(reason);
    password.ariaInvalid = null;
  }
  await submit().catch(() => later());
  isBusy = false;
});
toggle?.addEventListener('change', () => {
  password.type = toggle.checked ? 'text' : 'password';
});
if (token) form?.toggleAttribute('hidden');
else if (form) write(outcome, incomplete);
`;
