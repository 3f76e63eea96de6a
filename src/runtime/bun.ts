import { runtime } from './servers/bun-listen.ts';
import { serve } from './servers/server.ts';

await serve(runtime);
