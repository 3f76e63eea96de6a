// The part of zod that the API uses, for the Worker's bundle. @hono/zod-openapi re-exports all of zod as one value, so
// a bundler cannot remove any part of it. Its messages in fifty languages alone are a quarter of the bundle. See
// `[alias]` in wrangler.toml. Code that uses other parts of zod must add them here; test/architecture.test.ts checks
// this. scripts/worker-zod-copy.mjs writes the copy.
import * as z from './worker-zod.mjs';

export { ZodError } from '../dist/worker/zod/v4/classic/errors.js';
export {
  array,
  boolean,
  enum,
  literal,
  number,
  object,
  record,
  strictObject,
  string,
  unknown,
  ZodType,
} from '../dist/worker/zod/v4/classic/schemas.js';
export { NEVER } from '../dist/worker/zod/v4/core/index.js';
export { z };
