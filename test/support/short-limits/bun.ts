import { host } from '../../../src/runtime/bun-listen.ts';
import { serve } from '../../../src/runtime/server.ts';
import { BODY_LIMIT_MS } from './limits.ts';

await serve(host, { bodyLimitMs: BODY_LIMIT_MS });
