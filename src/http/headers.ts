import type { Context } from 'hono';
import type { Env } from './env.ts';

/** Adds header fields to an answer; what a list has already stays in it. */
export function setHeaders(c: Context<Env>, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) c.header(name, value, { append: true });
}
