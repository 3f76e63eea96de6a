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

/** Control characters, lone surrogates, and what changes the direction of the text that follows. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of accounts for a terminal: what it could take for a command becomes a question mark. */
export const printable = (text: string): string => text.replaceAll(UNSAFE, '?');

/** The same, for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** JSON without the same characters: they become escape sequences. Line feeds between the members stay. */
export const printableJson = (json: string): string =>
  json.replaceAll(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
