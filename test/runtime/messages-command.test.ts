import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startProvider } from '../support/http-provider.ts';
import { startReceiver, webhookSettings } from '../support/message-crash.ts';
import { runProgram } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

const FROM = { MAIL_FROM: 'Example <no-reply@example.com>' };

/** Runs `latchkey messages test` in an empty folder, where it must create nothing. */
async function testMessage(address: string, settings: Record<string, string> = {}) {
  const folder = emptyFolder();
  const result = await runProgram('latchkey', ['messages', 'test', address], folder, settings);
  expect(readdirSync(folder)).toEqual([]);
  return [result.status, result.stdout, result.stderr] as const;
}

describe('latchkey messages test', () => {
  test('prints the message with the sender of development', async () => {
    const [status, stdout, stderr] = await testMessage('ada@example.com');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^-+\nTo: ada@example\.com\nSubject: Test message.*\n\n.*\n-+\nsent\n$/);
    expect((await testMessage('+919876543210'))[1]).toMatch(/To: \+919876543210\n\n/);
  });

  test('sends by SMTP and says what the server answered', async () => {
    const { mails, port } = await startSmtpServer({
      onRecipient: (address) =>
        address.startsWith('no') ? [550, '5.1.1 No such user'] : undefined,
    });
    const settings = { ...FROM, MAIL: `smtp://localhost:${port}` };
    expect(await testMessage('ada@example.com', settings)).toEqual([0, 'sent\n', '']);
    expect(mails).toMatchObject([{ from: 'no-reply@example.com', to: ['ada@example.com'] }]);
    expect(await testMessage('no@example.com', settings)).toEqual([
      1,
      '',
      'rejected: EENVELOPE 550 5.1.1\n',
    ]);
    const away = { ...FROM, MAIL: `smtp://localhost:${await freePort()}` };
    expect(await testMessage('ada@example.com', away)).toEqual([
      1,
      '',
      'later: ESOCKET ECONNREFUSED\n',
    ]);
  });

  test('sends by a webhook', async () => {
    const { url, deliveries } = await startReceiver(0);
    const settings = webhookSettings(url);
    expect(await testMessage('ada@example.com', settings)).toEqual([0, 'sent\n', '']);
    expect(await testMessage('+919876543210', { ...settings, SMS: settings.MAIL })).toEqual([
      0,
      'sent\n',
      '',
    ]);
    expect([...deliveries.keys()]).toEqual(['ada@example.com', '+919876543210']);
    const refusing = await startProvider((response) => response.writeHead(401).end());
    expect(await testMessage('ada@example.com', webhookSettings(refusing.url))).toEqual([
      1,
      '',
      'misconfigured: status_401\n',
    ]);
    const away = webhookSettings(`http://127.0.0.1:${await freePort()}`);
    expect(await testMessage('ada@example.com', away)).toEqual([1, '', 'later: ECONNREFUSED\n']);
  });

  test.each([
    ['ada', {}, 'Not a phone number in E.164: ada\n'],
    ['a b@example.com', {}, 'Not an email address: a b@example.com\n'],
    ['ada@example.com', { APP_ENV: 'production' }, 'MAIL: must be set\n'],
    ['+919876543210', { APP_ENV: 'production' }, 'SMS: must be set\n'],
    [
      'ada@example.com',
      { MAIL: 'smtp://u:secret@mail.example', SECRET_KEY: 'x' },
      'Invalid settings:\n  MAIL_FROM: must be set, because MAIL is\n',
    ],
  ])('to %s with %j says what is wrong', async (address, settings, words) => {
    expect(await testMessage(address, settings)).toEqual([1, '', words]);
  });
});
