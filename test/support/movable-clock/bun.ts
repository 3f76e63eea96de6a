import { host } from '../../../src/runtime/bun-listen.ts';
import { serve } from '../../../src/runtime/server.ts';
import { atTimeOfEachRequest, seams } from './clock.ts';

await serve(atTimeOfEachRequest(host), seams);
