import { createClient, NetworkError, ProblemError, webStorageTokens } from 'latchkey-client';

const DEFAULT_URL = 'http://127.0.0.1:8000';

export const client = createClient({
  baseUrl: import.meta.env.VITE_API_URL ?? DEFAULT_URL,
  // This store is shared with other tabs, and every script of the page can read it: see docs/client.md.
  tokens: webStorageTokens(localStorage),
});

/** Returns the text to show to the user when a call fails. */
export function explain(error: unknown): string {
  if (error instanceof ProblemError) return error.detail;
  if (error instanceof NetworkError) return error.message;
  throw error;
}
