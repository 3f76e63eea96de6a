import { createInterface } from 'node:readline';

/** What a question needs of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Not the standard output, which may be read by a program. */
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export const ownTerminal = (): Terminal => ({ input: process.stdin, output: process.stderr });

/** True if somebody can be asked. */
export const canAsk = ({ input, output }: Terminal): boolean =>
  input.isTTY === true && output.isTTY === true;

export type Reply = 'yes' | 'no' | 'interrupted';

/** Asks a question. Only `y` and `yes` mean yes; the end of the input means no, and Ctrl-C is `interrupted`. */
export function ask(question: string, { input, output }: Terminal): Promise<Reply> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, output, terminal: true, historySize: 0 });
    let reply: Reply = 'no';
    let isAnswered = false;
    lines.once('SIGINT', () => {
      reply = 'interrupted';
      lines.close();
    });
    lines.once('close', () => {
      if (!isAnswered) output.write('\n');
      resolve(reply);
    });
    lines.question(`${question} [y/N] `, (line) => {
      isAnswered = true;
      if (/^\s*y(es)?\s*$/i.test(line)) reply = 'yes';
      lines.close();
    });
  });
}
