// Verifies bcrypt hashes in a thread of its own. JavaScript, since Node 20 loads no TypeScript in a thread,
// not even under tsx; and so it has one name in the source and in the build.
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

parentPort?.on('message', ({ password, hash }) => {
  parentPort?.postMessage(bcrypt.compareSync(password, hash));
});
