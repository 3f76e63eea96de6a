// Writes a line to the log and exits in the way that its argument specifies.
import { createOutputWriter } from '../../src/runtime/servers/line-writer.ts';

const endings: Record<string, () => void> = {
  exit: () => process.exit(),
  throw: () => {
    throw new Error('nobody catches this');
  },
  reject: () => void Promise.reject(new Error('nobody catches this')),
};

createOutputWriter().write('the last line');
endings[process.argv[2] ?? '']?.();
