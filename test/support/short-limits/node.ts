import { listenWithin, runtime } from '../../../src/runtime/servers/node-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { BODY_LIMITS, CONNECTION_LIMITS } from './limits.ts';

await serve({ ...runtime, listen: listenWithin(CONNECTION_LIMITS) }, { bodyLimits: BODY_LIMITS });
