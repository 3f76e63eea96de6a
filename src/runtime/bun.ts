import { listen } from './bun-listen.ts';
import { serve } from './server.ts';

await serve(listen);
