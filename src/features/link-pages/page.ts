import { html, raw } from 'hono/html';
import type { LinkAction } from '../../config/message-kinds.ts';
import { hashSourceOf } from '../../core/http/hash-source.ts';
import type { Locale } from '../messages/message.ts';
import { en as enMessages } from '../messages/texts/en.ts';
import { hi as hiMessages } from '../messages/texts/hi.ts';
import { SCRIPT } from './script.ts';
import { en } from './texts/en.ts';
import { hi } from './texts/hi.ts';
import type { PageTexts } from './texts/texts.ts';

const TEXTS = {
  en: { ...en, messages: enMessages },
  hi: { ...hi, messages: hiMessages },
} as const satisfies Record<Locale, PageTexts & { messages: object }>;

/** The actions that a page can do. That of `login` starts a session, which belongs to an app. */
type PageAction = Exclude<LinkAction, 'login'>;

/** The operations that use a link, relative to the page. */
const CALLS: Readonly<Record<PageAction, readonly string[]>> = {
  verify: ['../auth/verification/confirm'],
  reset: ['../auth/password/reset'],
  change: ['../auth/email/confirm'],
  undo: ['../auth/email/undo', '../auth/phone/undo'],
};

const STYLE = `
body { max-width: 28rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { line-height: 1.25; }
input, button { font: inherit; padding: 0.6rem; }
button { border: 0; border-radius: 6px; background: #1a56db; color: #fff; }
#password { box-sizing: border-box; width: 100%; }
#outcome { outline: 0; }
[hidden], p:empty { display: none; }
`;

const passwordFieldOf = ({
  password,
  show,
}: PageTexts) => html`<p><label for="password">${password}</label>
<input id="password" type="password" autocomplete="new-password" autocapitalize="none" spellcheck="false" required aria-describedby="reason"></p>
<div id="reason"><p></p><p lang="en"></p></div>
<p><label><input id="show" type="checkbox"> ${show}</label></p>`;

function formOf(action: PageAction, button: string, texts: PageTexts) {
  const { done, incomplete, failed, weak, retry } = texts;
  const data = { calls: CALLS[action], done: done[action], incomplete, failed, weak, retry };
  // A problem is in English, whatever the language of the page.
  return html`<noscript>${texts.needsScript}</noscript>
<form hidden data-page="${JSON.stringify(data)}">
${action === 'undo' && html`<p>${texts.undo}</p>`}
${action === 'reset' && passwordFieldOf(texts)}
<p><button>${button}</button></p>
</form>
<div id="outcome" role="status" tabindex="-1"><p></p><p lang="en"></p></div>`;
}

// What the operator reads is in English, like the name of the setting.
const appHintOf = ({ login }: PageTexts) => html`<p>${login}</p>
<p lang="en">For the operator: this link logs in once APP_LINKS.login names a page of the app.</p>`;

/** Returns the page of a link as HTML: without images, and without anything that a browser would load. */
export function renderLinkPage(action: LinkAction, locale: Locale): string {
  const { messages, ...texts } = TEXTS[locale];
  const title = action === 'undo' ? messages.undoButton : (messages.mail[action].button ?? '');
  return String(html`<!DOCTYPE html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${action === 'login' ? appHintOf(texts) : formOf(action, title, texts)}
</main>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`);
}

/** Returns the policy of all pages. They load nothing, call only their own origin, and submit no form. */
export const linkPagePolicy = async (): Promise<string> =>
  [
    "default-src 'none'",
    `script-src ${await hashSourceOf(SCRIPT)}`,
    `style-src ${await hashSourceOf(STYLE)}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
