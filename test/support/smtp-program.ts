import type { MailMessage } from '../../src/core/ports.ts';
import { smtpMailerWithin } from '../../src/runtime/ports/smtp.ts';

/** The only argument, in JSON. */
export interface SmtpJob {
  readonly url: string;
  readonly from: string;
  readonly limits: { readonly totalMs: number; readonly stepMs: number };
  readonly messages: readonly MailMessage[];
}

// Sends messages one after the other, and prints what became of them and how long each took.
const { url, from, limits, messages }: SmtpJob = JSON.parse(process.argv[2] ?? '');
const mailer = smtpMailerWithin(limits)({ url, from });
const results: unknown[] = [];
for (const message of messages) {
  const start = Date.now();
  results.push({ ...(await mailer.send(message)), ms: Date.now() - start });
}
console.log(JSON.stringify(results));
