import { html } from 'hono/html';
import type { MailContent, Part } from './content.ts';
import type { Locale } from './message.ts';

// The text has the colours of the mail program, in dark mode too.
const PAGE = 'margin:0;padding:24px 16px;font:16px/1.5 system-ui,sans-serif';
const COLUMN = 'max-width:520px;margin:0 auto';
const WRAP = 'overflow-wrap:anywhere;word-break:break-word';
const URL_STYLE = `margin:8px 0 24px;font-size:14px;${WRAP}`;
const CODE = 'font-size:28px;font-weight:bold;letter-spacing:2px';
const BUTTON =
  'display:inline-block;padding:12px 20px;border-radius:6px;font-weight:bold;text-decoration:none';
const BUTTONS = {
  action: `${BUTTON};border:1px solid #1a56db;background:#1a56db;color:#fff`,
  undo: `${BUTTON};border:1px solid;color:inherit`,
};

// A template escapes every value.
function partOf(part: Part) {
  if ('words' in part) {
    return html`<p style="${part.kind === 'code' ? CODE : WRAP}">${part.words}</p>`;
  }
  const { kind, label, url } = part;
  return html`<p style="margin:24px 0 0"><a href="${url}" style="${BUTTONS[kind]}">${label}</a></p><p style="${URL_STYLE}">${url}</p>`;
}

/** Returns a mail as an HTML page: without images, scripts and anything that a mail program would load. */
export const pageOf = ({ subject, parts }: MailContent, locale: Locale): string =>
  String(
    html`<!DOCTYPE html><html lang="${locale}"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width"/><meta name="color-scheme" content="light dark"/><title>${subject}</title></head><body style="${PAGE}"><div style="${COLUMN}">${parts.map(partOf)}</div></body></html>`,
  );
