import { host } from './deno-listen.ts';
import { serve } from './server.ts';

await serve(host);
