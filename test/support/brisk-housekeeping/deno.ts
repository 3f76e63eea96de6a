import { host } from '../../../src/runtime/deno-listen.ts';
import { serve } from '../../../src/runtime/server.ts';
import { brisk } from './brisk.ts';

await serve(host, { housekeeping: brisk });
