import { runtime } from './servers/deno-listen.ts';
import { serve } from './servers/server.ts';

await serve(runtime);
