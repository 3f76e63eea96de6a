import process from 'node:process';
import { Hono } from 'hono';

/**
 * What the framework does by itself, and nothing else: a route that answers JSON. The members come from
 * an answer of the API, so that the bodies are of one size, and are put into text for each request, as
 * the API does it.
 */
export function createBareApp(): Hono {
  const profile: object = JSON.parse(process.env.BARE_PROFILE ?? '{}');
  const tokens: object = JSON.parse(process.env.BARE_TOKENS ?? '{}');
  return new Hono()
    .get('/profile/me', (c) => c.json(profile))
    .post('/auth/refresh', async (c) => {
      await c.req.json();
      return c.json(tokens);
    });
}

export const announce = (port: number): void => console.log(`bare Hono on port ${port}`);
