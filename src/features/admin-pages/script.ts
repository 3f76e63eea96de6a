/**
 * Searches while the user types. Fetches the page that the button would open, shows its results, and keeps the address.
 * A page without results, such as the login after the end of the session, is opened instead. A form with a field called
 * `action` has this field as its property of this name: only the attribute is its address.
 */
export const ADMIN_SCRIPT = `
const DELAY = 200;
const [form, count, results] = ['search', 'count', 'results'].map((id) => document.getElementById(id));
let timer;
let running;
async function search() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const url = new URL(form.getAttribute('action'), location);
  for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
  try {
    const response = await fetch(url, { signal });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (signal.aborted) return;
    results.replaceChildren(...page.getElementById('results').childNodes);
    count.textContent = page.getElementById('count').textContent;
    history.replaceState(null, '', url);
  } catch {
    if (!signal.aborted) location.assign(url);
  }
}
if (results) form.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(search, DELAY);
});
`;
