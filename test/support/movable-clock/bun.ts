import { runtime } from '../../../src/runtime/servers/bun-listen.ts';
import { serve } from '../../../src/runtime/servers/server.ts';
import { atTimeOfEachRequest, seams } from './clock.ts';

await serve(atTimeOfEachRequest(runtime), seams);
