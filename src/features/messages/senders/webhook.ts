import { fromBase64 } from '../../../core/crypto/bytes.ts';
import type { CreateMac } from '../../../core/crypto/derived-key.ts';
import type {
  Mailer,
  MailMessage,
  Outbound,
  Sending,
  SmsMessage,
  SmsSender,
} from '../../../core/ports.ts';
import type { TraceContext } from '../../../core/trace.ts';

interface WebhookParts {
  readonly url: string;
  /** `whsec_` and the key in base64. */
  readonly secret: string;
  readonly fetch: Outbound;
  readonly createMac: CreateMac;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Timeout in milliseconds. */
  readonly limitMs?: number | undefined;
}

/** Delivers a message to a program of the operator. */
type Post = (
  type: 'mail' | 'sms',
  data: (MailMessage & { readonly from: string }) | SmsMessage,
  trace: TraceContext | undefined,
) => Promise<Sending>;

const SECRET_PREFIX = 'whsec_';
export const HTTP_LIMIT_MS = 25_000;
const REJECTED = [400, 422];
const MISCONFIGURED = [401, 403, 404, 410];

/**
 * Signs as Standard Webhooks does
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). The status of the answer
 * is the result; its body is not read.
 */
function createPost({ url, secret, createMac, clock, fetch, limitMs }: WebhookParts): Post {
  const key = fromBase64(secret.slice(SECRET_PREFIX.length));
  if (!key) throw new Error('the secret of webhooks is not base64');
  const mac = createMac(key);
  return async (type, data, trace) => {
    const content = JSON.stringify({ type, data });
    const timestamp = Math.floor(clock() / 1000);
    const signature = mac(`${data.id}.${timestamp}.${content}`);
    const { status } = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Webhook-Id': data.id,
        'Webhook-Timestamp': String(timestamp),
        'Webhook-Signature': `v1,${toPaddedBase64(signature)}`,
      },
      body: content,
      limitMs: limitMs ?? HTTP_LIMIT_MS,
      maxBytes: 0,
      trace,
    });
    if (status >= 200 && status < 300) return { kind: 'sent' };
    const reason = `status_${status}`;
    if (REJECTED.includes(status)) return { kind: 'rejected', reason };
    return { kind: MISCONFIGURED.includes(status) ? 'misconfigured' : 'later', reason };
  };
}

/** 32 bytes in base64 end in one character of padding. */
const toPaddedBase64 = (base64Url: string): string =>
  `${base64Url.replaceAll('-', '+').replaceAll('_', '/')}=`;

export function createMailWebhook(parts: WebhookParts & { readonly from: string }): Mailer {
  const post = createPost(parts);
  return {
    send: ({ id, ...rest }, trace) => post('mail', { id, from: parts.from, ...rest }, trace),
  };
}

export function createSmsWebhook(parts: WebhookParts): SmsSender {
  const post = createPost(parts);
  return { send: (message, trace) => post('sms', message, trace) };
}
