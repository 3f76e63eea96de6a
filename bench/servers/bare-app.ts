import process from 'node:process';
import { Hono } from 'hono';

/**
 * The framework alone, with routes that return JSON. The objects are taken from responses of the API, so that the
 * bodies have the same size. As in the API, they are serialized for each request.
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
