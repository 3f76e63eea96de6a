import { runtime } from '../../../src/runtime/servers/deno-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { createAppWithLateWork } from './app.ts';

await serve(runtime, { createApp: createAppWithLateWork });
