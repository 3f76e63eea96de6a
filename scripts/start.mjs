// `npm start`: builds, then serves in this same process, so that a signal reaches the server.
import { endWithParent } from './parent.mjs';

endWithParent();
await import('./build.mjs');
await import('../dist/runtime/node.js');
