import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linksOf } from '../../src/features/messages/links.ts';
import { ACTION_OF, type Message } from '../../src/features/messages/message.ts';
import { renderMail, renderSms } from '../../src/features/messages/render.ts';
import { anyText } from '../support/odd-texts.ts';
import { readPage } from './html.ts';
import { CODE, countOf, linkOf, messageOf, nameOf, samplesOf, TOKEN, UNDO } from './samples.ts';

const named = (messages: readonly Message[]) =>
  messages.map((message) => [nameOf(message), message] as const);

/** The links that a mail must have. */
const linksIn = ({ kind, token, undo }: Message): string[] => {
  const action = ACTION_OF[kind];
  return [
    ...(action && token ? [linkOf(action, token)] : []),
    ...(undo ? [linkOf('undo', undo)] : []),
  ];
};

const SCHEME = /[a-z][a-z0-9+.-]*:\/\/\S*/gi;
const DEVANAGARI = /[\u0900-\u097f]/;

describe.each(named(samplesOf('email')))('the mail %s', (_, message) => {
  const { subject, text, html } = renderMail(message, linkOf);
  const page = readPage(html);
  const links = linksIn(message);

  test('the plain text has each link and the code once, and no other URL', () => {
    expect(text.match(SCHEME) ?? []).toEqual(links);
    expect(countOf(text, `\n${CODE}\n`)).toBe(message.code ? 1 : 0);
    expect(countOf(text, CODE)).toBe(message.code ? 1 : 0);
  });

  test('the HTML opens and shows each link once, shows the code once, and has no other URL', () => {
    const opened = page.tags.flatMap(({ attributes }) => attributes.href ?? []);
    expect(opened).toEqual(links);
    expect(page.lines.filter((line) => SCHEME.test(line))).toEqual(links);
    expect(countOf(html, '://')).toBe(2 * links.length);
    expect(page.lines.filter((line) => line.includes(CODE))).toEqual(message.code ? [CODE] : []);
  });

  test('the HTML shows the same lines as the plain text, and the subject as its title', () => {
    const lines = text.split('\n').filter((line) => line !== '');
    const buttons = page.lines.filter((_line, i) => links.includes(page.lines[i + 1] ?? ''));
    expect(buttons).toHaveLength(links.length);
    const shown = page.lines.map((line) => (buttons.includes(line) ? `${line}:` : line));
    expect(shown).toEqual(lines);
    expect(page.title).toBe(subject);
  });

  test('the HTML names its language and loads nothing', () => {
    expect(page.tags[1]).toEqual({ name: 'html', attributes: { lang: message.locale } });
    const names = new Set(page.tags.map(({ name }) => name.replace('/', '')));
    expect([...names].sort()).toEqual(
      ['!DOCTYPE html', 'a', 'body', 'div', 'head', 'html', 'meta', 'p', 'title'].filter(
        (name) => name !== 'a' || links.length > 0,
      ),
    );
    const attributes = new Set(page.tags.flatMap((tag) => Object.keys(tag.attributes)));
    attributes.delete('href');
    expect([...attributes].sort()).toEqual(['charset', 'content', 'lang', 'name', 'style']);
    expect(html).not.toMatch(/url\(|@import|expression/i);
  });

  test('every line is in its language, and no placeholder is left', () => {
    const words = [subject, ...text.split('\n')].filter(
      (line) => line !== '' && line !== CODE && !links.includes(line),
    );
    for (const line of words)
      expect([line, DEVANAGARI.test(line)]).toEqual([line, message.locale === 'hi']);
    expect(text + subject).not.toMatch(/[{}]|undefined/);
  });

  test('states how long the code and the links are valid, and what a stranger does', () => {
    const unit = message.locale === 'en' ? ['minutes', 'hours'] : ['मिनट', 'घंटे'];
    const main = links.some((link) => link.endsWith(TOKEN)) ? message.kind : undefined;
    expect(text.includes(`15 ${unit[0]}`)).toBe(message.code !== undefined);
    expect(text.includes(`24 ${unit[1]}`)).toBe(main === 'verify');
    expect(text.includes(`60 ${unit[0]}`)).toBe(
      main !== undefined && main !== 'verify' && main !== 'invite',
    );
    expect(/7 (days|दिन)/.test(text)).toBe(main === 'invite');
    expect(text.includes(`72 ${unit[1]}`)).toBe(message.undo !== undefined);
    // An administrator, and not somebody who may be a stranger, has caused the last two.
    expect(text).toMatch(
      message.locale === 'en'
        ? /\bIf .* not (you|yours|expect|know)\b/
        : /अगर .*(आपने|आपका|अपेक्षा|कारण) नहीं/,
    );
  });

  test('shows the address once in its text, and not in its subject', () => {
    expect(countOf(text, message.to)).toBe(1);
    expect(countOf(html, message.to)).toBe(1);
    expect(subject).not.toContain('@');
  });
});

describe.each(named(samplesOf('phone')))('the text message %s', (_, message) => {
  const text = renderSms(message, linkOf);

  test('has the code once, or else the link, and the link for somebody else', () => {
    const action = ACTION_OF[message.kind];
    const main = action && message.token && !message.code ? [linkOf(action, message.token)] : [];
    const undo = message.undo ? [linkOf('undo', UNDO)] : [];
    expect(text.match(SCHEME) ?? []).toEqual([...main, ...undo]);
    expect(countOf(text, CODE)).toBe(message.code ? 1 : 0);
    expect(text.startsWith(`${CODE} `)).toBe(message.code !== undefined);
  });

  test('shows no number and no placeholder', () => {
    expect(text).not.toMatch(/[{}@]|undefined/);
    expect(text).not.toContain(message.to);
  });
});

describe('a hostile address', () => {
  const hostile = [
    '<script>alert(1)</script>@example.com',
    `"><img src=x onerror='a&b'>@example.com`,
    '&lt;b&gt;@example.com',
    'a\r\nBcc: eve@example.com',
    'a\u202egnp.exe@example.com',
    '\u2066\u2066@bücher.example',
    '{code}{address}{link}@example.com',
    '$&$1@example.com',
    'https://evil.example/@example.com',
    '',
  ];

  test.each(hostile)('%j is escaped and changes no other line', (to) => {
    for (const message of samplesOf('email', { to })) {
      const { subject, text, html } = renderMail(message, linkOf);
      const plain = renderMail({ ...message, to: 'ada@example.com' }, linkOf);
      const page = readPage(html);
      expect(subject).toBe(plain.subject);
      expect(page.tags).toEqual(readPage(plain.html).tags);
      const differing = text.split('\n').filter((line) => !plain.text.split('\n').includes(line));
      expect(differing).toHaveLength(1);
      expect(text.split('\n')).toHaveLength(plain.text.split('\n').length);
      expect(page.lines).toContain(differing[0]);
    }
  });

  test('any address changes neither the subject nor the tags of the HTML', () => {
    const plain = renderMail(messageOf('verify', ['token', 'code', 'undo']), linkOf);
    const tags = JSON.stringify(readPage(plain.html).tags);
    fc.assert(
      fc.property(anyText, (to) => {
        const mail = renderMail(messageOf('verify', ['token', 'code', 'undo'], { to }), linkOf);
        expect(mail.subject).toBe(plain.subject);
        expect(JSON.stringify(readPage(mail.html).tags)).toBe(tags);
        expect(mail.text.split('\n')).toHaveLength(plain.text.split('\n').length);
      }),
    );
  });

  test('an address beyond ASCII is shown with its normal form', () => {
    const message = messageOf('verify', ['token'], { to: 'ada@bücher.example' });
    const { text, html } = renderMail(message, linkOf);
    for (const shown of [text, html]) {
      expect(shown).toContain('ada@bücher.example (ada@xn--bcher-kva.example)');
    }
  });
});

describe('links', () => {
  test('a link of an app is escaped in the HTML', () => {
    const link = `https://app.example/a?b=1&c='"<>#${TOKEN}`;
    const { text, html } = renderMail(messageOf('reset', ['token']), () => link);
    expect(text).toContain(link);
    const page = readPage(html);
    expect(page.tags.flatMap(({ attributes }) => attributes.href ?? [])).toEqual([link]);
    expect(page.lines).toContain(link);
  });

  test('the links of the settings are used as they are', () => {
    const links = linksOf({
      messages: {
        publicUrl: 'https://id.example/base',
        appLinks: { undo: 'com.example.app:/undo?t={token}' },
      } as Parameters<typeof linksOf>[0]['messages'],
      host: '127.0.0.1',
      port: 3000,
    });
    const { text } = renderMail(messageOf('login', ['token', 'undo']), links);
    expect(text).toContain(`\nhttps://id.example/base/account/login#${TOKEN}\n`);
    expect(text).toContain(`\ncom.example.app:/undo?t=${UNDO}\n`);
  });

  test('what a kind has no use for is left out', () => {
    const extra = messageOf('changed', ['token', 'code', 'undo']);
    const mail = renderMail(extra, linkOf);
    expect(mail).toEqual(renderMail(messageOf('changed', ['undo']), linkOf));
    const code = messageOf('reauthenticate', ['token', 'code'], { channel: 'phone' });
    expect(renderSms(code, linkOf)).not.toContain(TOKEN);
    expect(renderMail(code, linkOf).html).not.toContain(TOKEN);
  });

  test.each(['verify', 'reset', 'login', 'reauthenticate', 'change'] as const)(
    '%s without a code and a link is an error',
    (kind) => {
      for (const render of [renderMail, renderSms]) {
        expect(() => render(messageOf(kind, ['undo']), linkOf)).toThrow(
          `The message ${kind} has neither a code nor a link`,
        );
      }
    },
  );
});
