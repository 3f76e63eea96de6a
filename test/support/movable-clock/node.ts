import { host } from '../../../src/runtime/node-listen.ts';
import { serve } from '../../../src/runtime/server.ts';
import { atTimeOfEachRequest, clock } from './clock.ts';

await serve(atTimeOfEachRequest(host), { clock });
