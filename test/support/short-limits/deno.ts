import { host } from '../../../src/runtime/deno-listen.ts';
import { serve } from '../../../src/runtime/server.ts';
import { BODY_LIMITS } from './limits.ts';

await serve(host, { bodyLimits: BODY_LIMITS });
