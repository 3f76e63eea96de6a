import { describe, expect, test } from 'vitest';
import { LOCALES, MESSAGE_KINDS, type MessageKind } from '../../src/features/messages/message.ts';
import { renderSms } from '../../src/features/messages/render.ts';
import { en } from '../../src/features/messages/texts/en.ts';
import { hi } from '../../src/features/messages/texts/hi.ts';
import { fill, type Texts } from '../../src/features/messages/texts/texts.ts';
import { LINKS_ONLY, linkOf, nameOf, REPORTS, samplesOf } from './samples.ts';

const ALL: Readonly<Record<string, Texts>> = { en, hi };
/** GSM 03.38: what one character of a text message can be without the escape character. */
const GSM = /^[A-Za-z0-9 \n\r@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà]*$/;

/** Each text by its path, such as `mail.verify.subject`. */
function pathsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(Object(value)).flatMap(([name, member]) =>
    pathsOf(member, path === '' ? name : `${path}.${name}`),
  );
}

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w*)\}/g)].map(([place]) => place).sort();

function placesOf(kind: MessageKind): string[] {
  if (REPORTS.includes(kind)) return [];
  return LINKS_ONLY.includes(kind) ? ['{link}', '{time}'] : ['{code}', '{time}'];
}

describe('texts', () => {
  test('every language has a file', () => {
    expect(Object.keys(ALL).sort()).toEqual([...LOCALES].sort());
  });

  test.each(LOCALES)('%s has all kinds on both channels', (locale) => {
    const { mail, sms } = ALL[locale] ?? en;
    expect(Object.keys(mail).sort()).toEqual([...MESSAGE_KINDS].sort());
    expect(Object.keys(sms).sort()).toEqual([...MESSAGE_KINDS].sort());
  });

  test('all languages have the same texts with the same placeholders', () => {
    const shapeOf = (texts: Texts) =>
      pathsOf(texts).map(([path, text]) => [path, ...placeholders(text)]);
    expect(shapeOf(hi)).toEqual(shapeOf(en));
  });

  test.each(LOCALES)('the placeholders of %s are those that its values fill', (locale) => {
    const { mail, sms, ...shared } = ALL[locale] ?? en;
    expect(
      Object.fromEntries(pathsOf(shared).map(([path, text]) => [path, placeholders(text)])),
    ).toEqual({
      minutes: ['{count}'],
      hours: ['{count}'],
      days: ['{count}'],
      orCode: [],
      onlyCode: [],
      linkTime: ['{time}'],
      codeTime: ['{time}'],
      undoTime: ['{time}'],
      secret: [],
      undoButton: [],
      smsUndo: ['{link}', '{time}'],
    });
    for (const kind of MESSAGE_KINDS) {
      const { paragraphs, ...others } = mail[kind];
      expect(placeholders(paragraphs.join())).toEqual(['{address}']);
      expect(placeholders(Object.values(others).join())).toEqual([]);
      const { words, link, notYou } = sms[kind];
      expect(placeholders(words)).toEqual(placesOf(kind));
      expect(link === undefined || placeholders(link).join()).toEqual(
        mail[kind].button === undefined || LINKS_ONLY.includes(kind) || '{link},{time}',
      );
      expect(placeholders(notYou)).toEqual([]);
    }
  });

  test.each(LOCALES)('no text of %s is empty, padded or of several lines', (locale) => {
    for (const [path, text] of pathsOf(ALL[locale])) {
      expect([path, text]).toEqual([path, expect.stringMatching(/^\S.*\S$/)]);
      expect([path, text]).toEqual([path, expect.not.stringMatching(/\s{2}|[\r\n<>&]/)]);
    }
  });

  test('a value is not searched for placeholders', () => {
    const values = { a: '{b}$&', b: 'wrong' };
    expect(fill('{a} {c}', values)).toBe('{b}$& {c}');
  });
});

describe('the length of text messages', () => {
  const samples = samplesOf('phone').map((message) => [nameOf(message), message] as const);
  const hasTwoLinks = (name: string) => / token undo$/.test(name);

  test.each(samples)('%s', (name, message) => {
    const text = renderSms(message, linkOf);
    expect(text).not.toMatch(/[\r\n]/);
    if (message.locale === 'en') {
      expect(text).toMatch(GSM);
      // One part. Two of 153 with two links: only after too many wrong codes.
      expect(text.length).toBeLessThanOrEqual(hasTwoLinks(name) ? 306 : 160);
    } else {
      // Two parts of UCS-2, of 67 each. Four with two links.
      expect(text.length).toBeLessThanOrEqual(hasTwoLinks(name) ? 268 : 134);
    }
  });
});
