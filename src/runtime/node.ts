import { listen } from './node-listen.ts';
import { serve } from './server.ts';

await serve(listen);
