import type { PageConfig } from '../../config/page-config.ts';

/** Returns black or white, whichever has more contrast on a colour `#RRGGBB` (WCAG 2.2, relative luminance). */
export function textColorOn(color: string): '#000' | '#fff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000' : '#fff';
}

/** Returns the stylesheet of all pages. */
export const styleOf = ({ color }: PageConfig['brand']): string => `
:root {
  color-scheme: light dark;
  --accent: ${color};
  --on-accent: ${textColorOn(color)};
  --text: #1c2025;
  --quiet: #56606b;
  --page: #f6f7f9;
  --card: #fff;
  --line: #d5dae1;
  --field: #7b8794;
  --link: #1648b8;
  --bad: #a61b1b;
  --good: #14642f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e8eaed;
    --quiet: #a9b3bf;
    --page: #15181c;
    --card: #1e2227;
    --line: #3a414a;
    --field: #7d8895;
    --link: #8ab4f8;
    --bad: #ffa3a3;
    --good: #84d9a0;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 0.5rem; top: 0.5rem; background: var(--card); padding: 0.5rem; }
header, main, footer { max-width: 44rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; }
.brand { display: flex; gap: 0.5rem; align-items: center; margin-right: auto; font-weight: 600; color: inherit; text-decoration: none; }
.brand img { height: 32px; width: auto; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; list-style: none; }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
main { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.5rem; }
.narrow { max-width: 26rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 0.5rem; font-size: 1.125rem; }
form, p:empty { margin: 0; }
label { display: block; font-weight: 600; }
label.choice { display: flex; gap: 0.5rem; align-items: center; font-weight: 400; }
input:not([type="checkbox"]), textarea, select { width: 100%; margin: 0.25rem 0 0; padding: 0.6rem; border: 1px solid var(--field); border-radius: 6px; background: var(--card); color: inherit; font: inherit; }
[aria-invalid] { border-color: var(--bad); border-width: 2px; }
button { padding: 0.6rem 1rem; border: 1px solid var(--accent); border-radius: 6px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
button:disabled { opacity: 0.5; cursor: default; }
button.quiet { background: none; border-color: var(--field); color: inherit; font-weight: 400; }
button.danger { background: none; border-color: var(--bad); color: var(--bad); }
button.link { padding: 0; border: 0; background: none; color: var(--link); font-weight: 400; text-decoration: underline; }
.hint, .quiet { color: var(--quiet); }
.hint { margin: 0.25rem 0 0; font-size: 0.9rem; }
.error { color: var(--bad); margin: 0.25rem 0 0; }
.notice { padding: 0.75rem 1rem; border: 1px solid; border-radius: 6px; margin: 0 0 1rem; }
.notice.bad { color: var(--bad); }
.notice.good { color: var(--good); }
.picture { display: block; width: 12rem; max-width: 100%; height: auto; aspect-ratio: 1; object-fit: cover; border-radius: 10px; background: var(--line); }
ul.rows { padding: 0; margin: 0; list-style: none; }
ul.rows > li { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; padding: 0.75rem 0; border-top: 1px solid var(--line); }
ul.rows > li > div { flex: 1 1 14rem; }
ul.rows p { margin: 0; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; margin-top: 1rem; }
.prose { white-space: pre-line; }
dl { margin: 0; }
dt { color: var(--quiet); font-size: 0.9rem; }
dd { margin: 0 0 0.75rem; }
footer { color: var(--quiet); font-size: 0.9rem; display: flex; gap: 1rem; flex-wrap: wrap; }
[hidden] { display: none !important; }
@media (max-width: 30rem) { main { border-width: 1px 0; border-radius: 0; padding: 1rem; } }
@media (forced-colors: active) { button { border: 1px solid; } }
`;
