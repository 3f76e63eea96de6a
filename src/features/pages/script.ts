/**
 * The script of all pages, which work without it. It moves the token of a link from the address to the form, so that
 * neither the history of the browser nor a copied address has it; the user still submits the form, so that a program
 * that opens the links of a mail uses none up. It also shows passwords on demand, and ignores a second click.
 */
export const SCRIPT = `
const TOKEN = /^#([\\w-]{20,})$/;
function takeLink() {
  const [, token] = TOKEN.exec(location.hash) ?? [];
  if (!token) return;
  history.replaceState(null, '', location.pathname + location.search);
  const form = document.querySelector('form[data-link]');
  if (!form) return;
  form.elements.link.value = token;
  for (const part of document.querySelectorAll('[data-without-link]')) part.hidden = true;
  for (const part of document.querySelectorAll('[data-with-link]')) part.hidden = false;
}
takeLink();
addEventListener('hashchange', takeLink);
for (const toggle of document.querySelectorAll('[data-show]')) {
  toggle.closest('label').hidden = false;
  toggle.addEventListener('change', () => {
    for (const field of toggle.form.querySelectorAll('[data-password]')) {
      field.type = toggle.checked ? 'text' : 'password';
    }
  });
}
for (const each of document.forms) {
  let isSent = false;
  each.addEventListener('submit', (event) => {
    if (isSent) event.preventDefault();
    isSent = !('again' in each.dataset);
  });
}
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
`;
