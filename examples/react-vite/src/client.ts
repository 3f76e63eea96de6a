import { createClient, NetworkError, ProblemError, webStorageTokens } from 'latchkey-client';

const DEFAULT_URL = 'http://127.0.0.1:8000';

export const client = createClient({
  baseUrl: import.meta.env.VITE_API_URL ?? DEFAULT_URL,
  // Shared with other tabs, and readable by every script of the page: see docs/client.md.
  tokens: webStorageTokens(localStorage),
});

/** What to show to the user when a call fails. */
export function explain(error: unknown): string {
  if (error instanceof ProblemError) return error.detail;
  if (error instanceof NetworkError) return error.message;
  throw error;
}
