import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import type { MailMessage } from '../../src/core/ports.ts';
import { nodeArguments } from '../support/bundles.ts';
import { issueCertificate } from '../support/certificate.ts';
import { run } from '../support/program.ts';
import { emptyFolder, type ServerName } from '../support/server.ts';
import type { SmtpJob } from '../support/smtp-program.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { ROOT } from '../support/targets.ts';

const PROGRAM = join(ROOT, 'test/support/smtp-program.ts');
const RUNTIMES: Readonly<Record<ServerName, () => readonly string[]>> = {
  node: () => [process.execPath, ...nodeArguments('test/support/smtp-program.ts')],
  bun: () => [bunPath(), PROGRAM],
  deno: () => [denoPath(), 'run', '-A', PROGRAM],
};

/** Reached by the loopback interface, and not a loopback address: TLS is mandatory. */
const FOREIGN = '0.0.0.0';
const LOGIN = { user: 'latchkey@example.com', password: 'pass word/ü' };
const CREDENTIALS = `${encodeURIComponent(LOGIN.user)}:${encodeURIComponent(LOGIN.password)}`;
const LIMITS = { totalMs: 20_000, stepMs: 10_000 };
const certificate = issueCertificate(['127.0.0.1', FOREIGN]);

const message = (to = 'ada@example.com', id = 'id-of_message'): MailMessage => ({
  id,
  to,
  subject: 'Reset your password – नमस्ते',
  text: 'Your code: 123456\n.\nलिंक',
  html: '<p>Your code: 123456</p>',
  kind: 'reset',
  locale: 'en',
});

interface Result {
  readonly kind: string;
  readonly reason?: string;
  readonly ms: number;
}

describe.each(Object.entries(RUNTIMES))('mail by SMTP on %s', (_, commandOf) => {
  /** Sends messages with the certificates of the tests trusted. */
  async function send(
    url: string,
    messages: readonly MailMessage[] = [message()],
    { limits = LIMITS, isTrusted = true } = {},
  ): Promise<Result[]> {
    const folder = emptyFolder();
    const path = join(folder, 'authority.pem');
    writeFileSync(path, certificate.authority);
    const job: SmtpJob = { url, from: 'Bücherei <no-reply@example.com>', limits, messages };
    const trust = { NODE_EXTRA_CA_CERTS: path, DENO_CERT: path };
    const command = [...commandOf(), JSON.stringify(job)];
    const { stdout, stderr } = await run(command, folder, isTrusted ? trust : {});
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }

  const outcomes = (results: readonly Result[]) =>
    results.map(({ kind, reason }) => (reason === undefined ? kind : `${kind}: ${reason}`));

  test('arrives with its id, after STARTTLS and a login', async () => {
    const { mails, port } = await startSmtpServer({ certificate, login: LOGIN });
    const results = await send(`smtp://${CREDENTIALS}@${FOREIGN}:${port}`);
    expect(outcomes(results)).toEqual(['sent']);
    expect(mails).toMatchObject([
      {
        from: 'no-reply@example.com',
        to: ['ada@example.com'],
        isEncrypted: true,
        user: LOGIN.user,
      },
    ]);
    const raw = mails[0]?.raw ?? '';
    expect(raw).toMatch(/^Message-ID: <id-of_message@example\.com>\r$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toMatch(/^To: ada@example\.com\r$/m);
    expect(raw).toMatch(/^From: =\?UTF-8\?.*<no-reply@example\.com>\r$/m);
    expect(raw).toMatch(/^Content-Type: multipart\/alternative/m);
  });

  test('arrives by implicit TLS, and without TLS on this machine only', async () => {
    const secure = await startSmtpServer({ certificate, secure: true });
    expect(outcomes(await send(`smtps://${FOREIGN}:${secure.port}`))).toEqual(['sent']);
    expect(secure.mails).toMatchObject([{ isEncrypted: true }]);
    const plain = await startSmtpServer();
    expect(outcomes(await send(`smtp://localhost:${plain.port}`))).toEqual(['sent']);
    expect(plain.mails).toMatchObject([{ isEncrypted: false }]);
    expect(outcomes(await send(`smtp://${FOREIGN}:${plain.port}`))).toEqual([
      expect.stringMatching(/^misconfigured: ETLS 50\d/),
    ]);
    expect(plain.mails).toHaveLength(1);
  });

  test('is not sent to a server with an unknown certificate, unless it is on this machine', async () => {
    const { mails, port } = await startSmtpServer({ certificate });
    const [result] = await send(`smtp://${FOREIGN}:${port}`, undefined, { isTrusted: false });
    expect([mails, result?.kind]).toEqual([[], 'misconfigured']);
    const local = await send(`smtp://127.0.0.1:${port}`, undefined, { isTrusted: false });
    expect(outcomes(local)).toEqual(['sent']);
    expect(mails).toMatchObject([{ isEncrypted: true }]);
  });

  test('with a wrong password is the fault of the deployment; while the server cannot check it, not', async () => {
    const { port } = await startSmtpServer({ certificate, login: LOGIN });
    const wrong = await send(`smtp://latchkey:wrong@${FOREIGN}:${port}`);
    expect(outcomes(wrong)).toEqual(['misconfigured: EAUTH 535 5.7.8']);
    const none = await send(`smtp://${FOREIGN}:${port}`);
    expect(outcomes(none)).toEqual([expect.stringMatching(/^misconfigured: EENVELOPE 530/)]);
    const busy = await startSmtpServer({ certificate, login: { ...LOGIN, failure: 454 } });
    const later = await send(`smtp://latchkey:wrong@${FOREIGN}:${busy.port}`);
    expect(outcomes(later)).toEqual([expect.stringMatching(/^later: EAUTH 454/)]);
  });

  test('has the outcome that the answers of the server mean, and no log of its addresses', async () => {
    let tries = 0;
    const answers: Record<string, readonly [number, string]> = {
      'unknown@example.com': [550, '5.1.1 <unknown@example.com>: no such user'],
      'sender@example.com': [550, '5.1.8 Sender address rejected'],
      'relay@example.com': [554, '5.7.1 <relay@example.com>: Relay access denied'],
      'policy@example.com': [550, '5.7.1 <policy@example.com>: rejected by policy'],
    };
    const { mails, port } = await startSmtpServer({
      onRecipient(address) {
        if (address !== 'grey@example.com') return answers[address];
        tries += 1;
        return tries === 1 ? [451, '4.7.1 Greylisted'] : undefined;
      },
    });
    const addresses = ['unknown', 'sender', 'relay', 'policy', 'grey', 'grey'];
    const results = await send(
      `smtp://localhost:${port}`,
      addresses.map((name) => message(`${name}@example.com`)),
    );
    expect(outcomes(results)).toEqual([
      'rejected: EENVELOPE 550 5.1.1',
      'misconfigured: EENVELOPE 550 5.1.8',
      'misconfigured: EENVELOPE 554 5.7.1',
      'rejected: EENVELOPE 550 5.7.1',
      'later: EENVELOPE 451 4.7.1',
      'sent',
    ]);
    expect(mails).toHaveLength(1);
  });

  test('that is refused with its sender, or after its content', async () => {
    const sender = await startSmtpServer({ onSender: () => [553, '5.7.1 Not your address'] });
    expect(outcomes(await send(`smtp://localhost:${sender.port}`))).toEqual([
      'misconfigured: EENVELOPE 553 5.7.1',
    ]);
    for (const [code, kind] of [
      [554, 'rejected'],
      [452, 'later'],
    ] as const) {
      const content = await startSmtpServer({ onContent: () => [code, 'No'] });
      expect(outcomes(await send(`smtp://localhost:${content.port}`))).toEqual([
        `${kind}: EMESSAGE ${code}`,
      ]);
    }
  });

  test('to an address that is not one is rejected; one beyond ASCII is sent by SMTPUTF8', async () => {
    const { mails, port } = await startSmtpServer();
    const addresses = ['jürgen@xn--bcher-kva.example', 'a@b.example\r\nRCPT TO:<c@d.example>'];
    const results = await send(
      `smtp://localhost:${port}`,
      addresses.map((address) => message(address)),
    );
    expect(outcomes(results)).toEqual(['sent', expect.stringMatching(/^rejected: EENVELOPE/)]);
    // The server decodes the domain.
    expect(mails).toMatchObject([{ to: ['jürgen@bücher.example'], isInternational: true }]);
  });

  /** Starts a server that does this with each connection. */
  async function startTcp(onConnection: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  test('is tried later if the server drops the connection, at any moment, or is away', async () => {
    const dropping = [
      await startTcp((socket) => socket.destroy()),
      await startTcp((socket) => socket.end('220 mail.test\r\n')),
      await startTcp((socket) => {
        socket.write('220 mail.test ESMTP\r\n');
        socket.on('data', (data) => {
          if (String(data).startsWith('MAIL')) socket.destroy();
          else socket.write('250 mail.test\r\n');
        });
      }),
    ];
    for (const port of [...dropping, 1]) {
      const [result] = await send(`smtp://localhost:${port}`);
      expect([port, result?.kind]).toEqual([port, 'later']);
      expect(result?.reason).toMatch(/^E[A-Z]+( E[A-Z]+)?$/);
    }
  });

  test('is tried later if the server hangs, or answers slowly for ever; its connection is closed', async () => {
    const limits = { totalMs: 1500, stepMs: 700 };
    const silent = await startTcp(() => {});
    const [hung] = await send(`smtp://localhost:${silent}`, undefined, { limits });
    expect(hung).toMatchObject({ kind: 'later', reason: 'ETIMEDOUT' });
    expect(hung?.ms).toBeLessThan(1500);
    let closedAt = 0;
    const slow = await startTcp((socket) => {
      const timer = setInterval(() => socket.write('220-slow\r\n'), 200);
      socket.on('close', () => {
        clearInterval(timer);
        closedAt = Date.now();
      });
    });
    const [dripped] = await send(`smtp://localhost:${slow}`, undefined, { limits });
    expect(dripped?.kind).toBe('later');
    expect(dripped?.ms).toBeLessThan(3000);
    expect(closedAt).toBeGreaterThan(0);
  });
});
