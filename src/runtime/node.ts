import { runtime } from './servers/node-listen.ts';
import { serve } from './servers/server.ts';

await serve(runtime);
