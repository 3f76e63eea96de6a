import { z } from 'zod';
import type { Mailer, Outbound, Sending } from '../../../core/ports.ts';
import { HTTP_LIMIT_MS } from './webhook.ts';

interface ResendParts {
  readonly key: string;
  /** `Name <address>`, or the address alone. */
  readonly from: string;
  readonly fetch: Outbound;
  /** Default: `https://api.resend.com`. */
  readonly baseUrl?: string;
  /** Timeout in milliseconds. */
  readonly limitMs?: number | undefined;
}

const MAX_ANSWER_BYTES = 65_536;
const REJECTED = [400, 422];
const MISCONFIGURED = [401, 403];
/** Errors of the deployment, whatever their status (https://resend.com/docs/api-reference/errors). */
const OF_DEPLOYMENT = [
  'invalid_from_address',
  'missing_api_key',
  'invalid_api_key',
  'restricted_api_key',
];
/** The key of the message was used for another text: so the first attempt, with that text, was accepted. */
const IS_SENT = 'invalid_idempotent_request';

/** A name of an error, safe to log. */
const errorSchema = z.object({ name: z.string().regex(/^[a-z_]{1,64}$/) });

/** Sends by Resend. Its idempotency keys hold for 24 hours, as long as any message is tried. */
export const createResendMailer = ({
  key,
  from,
  fetch,
  baseUrl = 'https://api.resend.com',
  limitMs = HTTP_LIMIT_MS,
}: ResendParts): Mailer => ({
  async send({ id, to, kind: _kind, locale: _locale, code: _code, ...content }, trace) {
    const { status, bytes } = await fetch(`${baseUrl}/emails`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': id,
      },
      body: JSON.stringify({
        from,
        to: [to],
        ...content,
        headers: { 'Auto-Submitted': 'auto-generated' },
      }),
      limitMs,
      maxBytes: MAX_ANSWER_BYTES,
      trace,
    });
    return resultOf(status, errorName(bytes));
  },
});

function resultOf(status: number, name: string | undefined): Sending {
  if ((status >= 200 && status < 300) || name === IS_SENT) return { kind: 'sent' };
  const reason = name === undefined ? `status_${status}` : `status_${status} ${name}`;
  if (MISCONFIGURED.includes(status) || (name !== undefined && OF_DEPLOYMENT.includes(name))) {
    return { kind: 'misconfigured', reason };
  }
  return { kind: REJECTED.includes(status) ? 'rejected' : 'later', reason };
}

function errorName(bytes: Uint8Array): string | undefined {
  try {
    return errorSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data?.name;
  } catch {
    return undefined;
  }
}
