import { runtime } from '../../../src/runtime/servers/deno-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { queueing } from './app.ts';

await serve(runtime, queueing);
