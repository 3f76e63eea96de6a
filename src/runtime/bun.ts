import { host } from './bun-listen.ts';
import { serve } from './server.ts';

await serve(host);
