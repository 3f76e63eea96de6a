// Verifies bcrypt hashes in a worker thread. JavaScript, since Node 20 cannot load TypeScript in a worker thread, not
// even under tsx; it also keeps the file name the same in the sources and in the build.
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

parentPort?.on('message', ({ password, hash }) => {
  parentPort?.postMessage(bcrypt.compareSync(password, hash));
});
