import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './targets.ts';

/** Returns the blocks of code in a language that a page of `docs/` has, in order. */
export const codeBlocks = (page: string, language: string): string[] =>
  [...readFileSync(join(ROOT, 'docs', page), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , code = '']) => code);
