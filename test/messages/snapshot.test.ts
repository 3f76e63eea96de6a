import { expect, test } from 'vitest';
import { LOCALES, MESSAGE_KINDS } from '../../src/features/messages/message.ts';
import { renderMail, renderSms } from '../../src/features/messages/render.ts';
import { carriedBy, linkOf, messageOf } from './samples.ts';

test.each(LOCALES)('all texts in %s', async (locale) => {
  const texts = MESSAGE_KINDS.flatMap((kind) =>
    carriedBy(kind).map((carried) => {
      const { subject, text } = renderMail(messageOf(kind, carried, { locale }), linkOf);
      const sms = renderSms(messageOf(kind, carried, { locale, channel: 'phone' }), linkOf);
      const title = `${kind}: ${carried.join(', ') || 'nothing'}`;
      return `==== ${title}\n\nMail: ${subject}\n\n${text}\nText message:\n\n${sms}\n`;
    }),
  );
  await expect(texts.join('\n')).toMatchFileSnapshot(`./texts.${locale}.snap.txt`);
});

test('the HTML of a mail', async () => {
  const to = 'ada@bücher.example';
  const { html } = renderMail(messageOf('verify', ['token', 'code', 'undo'], { to }), linkOf);
  await expect(`${html.replaceAll(/(?=<(?!\/|a |title))/g, '\n').trim()}\n`).toMatchFileSnapshot(
    './mail.html.snap.txt',
  );
});
