import { runtime } from '../../../src/runtime/servers/bun-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { brisk } from './brisk.ts';

await serve(runtime, { housekeeping: brisk });
