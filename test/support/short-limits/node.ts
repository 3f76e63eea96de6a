import { host, listenWithin } from '../../../src/runtime/servers/node-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { BODY_LIMITS, CONNECTION_LIMITS } from './limits.ts';

await serve({ ...host, listen: listenWithin(CONNECTION_LIMITS) }, { bodyLimits: BODY_LIMITS });
