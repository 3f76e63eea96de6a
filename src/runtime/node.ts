import { host } from './node-listen.ts';
import { serve } from './server.ts';

await serve(host);
