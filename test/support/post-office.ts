import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isDailyNotice } from '../../src/config/message-kinds.ts';
import { openProvider } from './http-provider.ts';
import { type Received, receivedFrom } from './received.ts';

const KEY = 'bXkgc2VjcmV0'.repeat(4);
const FROM = 'Example <no-reply@example.com>';
const PATIENCE_MS = 10_000;
const NUDGE_MS = 1000;

const contentSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('mail'),
    data: z.object({
      id: z.string().min(16),
      from: z.literal(FROM),
      to: z.email(),
      subject: z.string().min(1),
      text: z.string().min(1),
      html: z.string().startsWith('<!DOCTYPE html>'),
      kind: z.string(),
      locale: z.string(),
      code: z.string().optional(),
    }),
  }),
  z.object({
    type: z.literal('sms'),
    data: z.object({
      id: z.string().min(16),
      to: z.string().regex(/^\+\d+$/),
      text: z.string().min(1),
      kind: z.string(),
      locale: z.string(),
      code: z.string().optional(),
    }),
  }),
]);

/** Receives the messages of a server over HTTP, as an operator's program does. */
export interface PostOffice {
  /** The settings of a server that sends its messages here. */
  readonly settings: Readonly<Record<string, string>>;
  /**
   * Waits for the next message to an address.
   *
   * @param kind by default, any but the notices that many tests cause
   * @param nudge called now and then while none comes
   */
  receive(to: string, kind?: string, nudge?: () => Promise<unknown>): Promise<Received>;
  /** The messages that have come and that nobody has received, by address; without these notices. */
  left(): readonly string[];
  /** Every token of every message so far. */
  tokens(): readonly string[];
  close(): void;
}

/** Starts a receiver that verifies the signature of each message (Standard Webhooks), and that none comes twice. */
export async function openPostOffice(): Promise<PostOffice> {
  const waiting: Received[] = [];
  const faults: string[] = [];
  const ids = new Set<string>();
  const tokens: string[] = [];
  const { url, close } = await openProvider((response, { headers, content }) => {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = headers;
    const mac = createHmac('sha256', Buffer.from(KEY, 'base64'));
    const expected = `v1,${mac.update(`${id}.${time}.${content}`).digest('base64')}`;
    const { success, data: message, error } = contentSchema.safeParse(JSON.parse(content));
    if (signature !== expected) faults.push(`the signature of ${content}`);
    else if (!success) faults.push(String(error));
    else if (message.data.id !== id || ids.has(id)) faults.push(`the id ${id}`);
    else {
      ids.add(id);
      const received = receivedFrom(message.data);
      waiting.push(received);
      tokens.push(...Object.values(received.tokens).flatMap((token) => token ?? []));
    }
    response.writeHead(204).end();
  });
  return {
    settings: {
      MAIL: `webhook:${url}/mail`,
      MAIL_FROM: FROM,
      SMS: `webhook:${url}/sms`,
      MESSAGE_WEBHOOK_SECRET: `whsec_${KEY}`,
    },
    async receive(to, kind, nudge) {
      const deadline = Date.now() + PATIENCE_MS;
      let nudgeAt = Date.now() + NUDGE_MS;
      for (;;) {
        if (faults.length > 0) throw new Error(`a message is not as it must be: ${faults.join()}`);
        const index = waiting.findIndex(
          (message) =>
            message.to === to &&
            (kind === undefined ? !isDailyNotice(message.kind) : message.kind === kind),
        );
        const [message] = index < 0 ? [] : waiting.splice(index, 1);
        if (message) return message;
        if (Date.now() > deadline) throw new Error('no message came');
        if (nudge && Date.now() > nudgeAt) {
          await nudge();
          nudgeAt = Date.now() + NUDGE_MS;
        }
        await delay(5);
      }
    },
    left: () => waiting.filter(({ kind }) => !isDailyNotice(kind)).map(({ to }) => to),
    tokens: () => tokens,
    close,
  };
}
