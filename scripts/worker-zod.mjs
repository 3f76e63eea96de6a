// zod as the Worker is bundled with it: what the API is written with. @hono/zod-openapi hands the whole of
// zod on as one value, so a bundler has to keep whatever is in it, and the messages in fifty languages alone
// are a quarter of a Worker. See `[alias]` in wrangler.toml. Whoever writes with more of zod adds it here;
// test/architecture.test.ts says so.
import * as z from './worker-zod.mjs';

export { ZodError } from '../node_modules/zod/v4/classic/errors.js';
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
} from '../node_modules/zod/v4/classic/schemas.js';
export { NEVER } from '../node_modules/zod/v4/core/index.js';
export { z };
