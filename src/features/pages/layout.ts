import type { PageConfig } from '../../config/page-config.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { View, Visit } from './page.ts';
import { DONE } from './target.ts';

/** The pages of the navigation, by their paths. */
export type Navigation = readonly (readonly [path: string, label: string])[];

interface LayoutParts {
  readonly brand: PageConfig['brand'];
  readonly stylePaths: readonly string[];
  readonly scriptPaths: readonly string[];
  /** Where the name of the service leads. */
  readonly home: string;
  /** The pages of users who are logged in. */
  readonly navigationOf: (visit: Visit) => { readonly label: string; readonly pages: Navigation };
  /** What can have been done before a page, by the word in its address. */
  readonly doneOf: (visit: Visit) => Readonly<Record<string, string>>;
}

/** Writes the frame of a page around what it shows. */
export type Layout = (visit: Visit, view: View, path: string) => Markup;

export function createLayout(parts: LayoutParts): Layout {
  const { brand, stylePaths, scriptPaths, home, navigationOf, doneOf } = parts;

  const brandOf = (visit: Visit) =>
    markup`<a class="brand" href="${visit.href(home)}">${
      brand.logo && markup`<img src="${brand.logo}" alt="">`
    }${brand.name}</a>`;

  function navigation(visit: Visit, path: string, section: string): Markup {
    const { label: name, pages } = navigationOf(visit);
    return markup`<nav aria-label="${name}"><ul>
${pages.map(
  ([target, label]) =>
    markup`<li><a href="${visit.href(target)}"${target === section ? markup` aria-current="${target === path ? 'page' : 'true'}"` : ''}>${label}</a></li>\n`,
)}<li><form method="post" action="${visit.href('/account/logout')}">${tokenField(
      visit,
    )}<button class="link">${visit.texts.frame.logOut}</button></form></li>
</ul></nav>`;
  }

  const linkTo = (url: string | undefined, label: string) =>
    url && markup`<a href="${url}" rel="noreferrer">${label}</a>`;

  return (visit, { title, content, status, section, scriptPaths: own = [] }, path) => {
    const { frame } = visit.texts;
    const isError = status !== undefined;
    return markup`<!DOCTYPE html>
<html lang="${visit.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${isError ? `${frame.error}: ` : ''}${title} – ${brand.name}</title>
<link rel="icon" href="data:,">
${stylePaths.map((each) => markup`<link rel="stylesheet" href="${visit.href(each)}">\n`)}${[
  ...scriptPaths,
  ...own,
].map((each) => markup`<script src="${visit.href(each)}" type="module"></script>\n`)}</head>
<body>
<a class="skip" href="#content">${frame.skip}</a>
<header${width(visit)}>
${brandOf(visit)}
${visit.login && navigation(visit, path, section ?? path)}
</header>
<main id="content"${width(visit)}>
${doneNotice(visit, doneOf(visit))}
<h1>${title}</h1>
${content}
</main>
<footer${width(visit)}>
${linkTo(brand.terms, frame.terms)}
${linkTo(brand.privacy, frame.privacy)}
</footer>
</body>
</html>
`;
  };
}

/** A page with one short form needs no more. */
const width = ({ login }: Visit): Markup | string => (login ? '' : markup` class="narrow"`);

/** The hidden field without which no form is accepted. */
export const tokenField = ({ formToken }: Visit): Markup =>
  markup`<input type="hidden" name="form" value="${formToken}">`;

/** What was done before this page, if the address names it. */
function doneNotice({ query }: Visit, done: Readonly<Record<string, string>>): Markup | undefined {
  const key = query.get(DONE) ?? '';
  return Object.hasOwn(done, key)
    ? markup`<p class="notice good" role="status">${done[key]}</p>`
    : undefined;
}
