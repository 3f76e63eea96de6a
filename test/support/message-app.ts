import type { Mailer, MailMessage, Sending, SmsMessage } from '../../src/core/ports.ts';
import { addUser, MINUTE, outboxRows, queue, resetMessage } from './outbox.ts';
import { createTestApp } from './test-app.ts';

/** Senders that record what they are given, and return what the test decides. */
export function recordingSenders() {
  const sent: (MailMessage | SmsMessage)[] = [];
  const next = {
    result: (): Promise<Sending> | Sending => ({ kind: 'sent' }),
  };
  const send: Mailer['send'] & ((message: SmsMessage) => Promise<Sending>) = async (message) => {
    sent.push(message);
    return next.result();
  };
  return { sent, next, mail: { send }, sms: { send } };
}

/** An app whose senders record, and whose queue has messages of one user. */
export async function createMessageApp(settings: Record<string, string> = {}) {
  const senders = recordingSenders();
  const counts: Record<string, number> = {};
  const meter = {
    count(name: string, labels: object) {
      const key = [name, ...Object.values(labels)].join(' ');
      counts[key] = (counts[key] ?? 0) + 1;
    },
    observe() {},
  };
  const app = await createTestApp(settings, { mail: senders.mail, sms: senders.sms, meter });
  const { db, deps } = app;
  const userId = await addUser(db);
  return {
    ...app,
    ...senders,
    counts,
    userId,
    /** Queues a message. @param minutes until it expires */
    add: (to = 'ada@example.com', minutes = 15) =>
      queue(db, deps.messages, resetMessage(to), {
        userId,
        expiresAt: deps.clock() + minutes * MINUTE,
      }),
    states: async () => (await outboxRows(db)).map(({ state }) => state),
    events: () => app.logs.map((line): Record<string, unknown> => JSON.parse(line)),
  };
}
