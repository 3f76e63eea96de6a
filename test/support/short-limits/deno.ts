import { runtime } from '../../../src/runtime/servers/deno-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { BODY_LIMITS } from './limits.ts';

await serve(runtime, { bodyLimits: BODY_LIMITS });
