import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableJson } from '../../src/core/text.ts';
import { ask, canAsk, type Terminal } from '../../src/runtime/commands/users/terminal.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** A terminal at which somebody types. */
function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  return { input, output, shown: () => String(output.read() ?? '') };
}

describe('ask', () => {
  test.each([
    ['y\r', 'yes'],
    ['yes\r', 'yes'],
    [' YES \r', 'yes'],
    ['\r', 'no'],
    ['n\r', 'no'],
    ['yess\r', 'no'],
    ['yes please\r', 'no'],
    [CTRL_D, 'no'],
    [CTRL_C, 'interrupted'],
    [`y${CTRL_C}`, 'interrupted'],
  ])('%j means %s', async (typed, reply) => {
    const { input, output, shown } = terminal();
    const replied = ask('Delete account 1?', { input, output });
    input.write(typed);
    expect(await replied).toBe(reply);
    expect(shown()).toContain('Delete account 1? [y/N] ');
  });

  test('the end of the input means no', async () => {
    const { input, output } = terminal();
    const replied = ask('Delete account 1?', { input, output });
    input.end();
    expect(await replied).toBe('no');
  });

  test('without a terminal on both sides, nobody can be asked', () => {
    const streams = (input: boolean, output: boolean): Terminal => ({
      input: Object.assign(new PassThrough(), { isTTY: input }),
      output: Object.assign(new PassThrough(), { isTTY: output }),
    });
    expect(canAsk(streams(true, true))).toBe(true);
    expect(canAsk(streams(true, false))).toBe(false);
    expect(canAsk(streams(false, true))).toBe(false);
    expect(canAsk({ input: new PassThrough(), output: new PassThrough() })).toBe(false);
  });
});

describe('text of accounts on a terminal', () => {
  const HOSTILE = 'a\u001b[2J\u009b1m\u202eb\r\n\u0007\ud800c';

  test('cannot contain a control sequence, a line break or a change of direction', () => {
    expect(printable(HOSTILE)).toBe('a?[2J?1m?b????c');
    expect(printable('नमस्ते 👩‍🚀 Zoë')).toBe('नमस्ते 👩‍🚀 Zoë');
  });

  test('is escaped in JSON, whose value stays the same', () => {
    expect(printableJson(JSON.stringify([HOSTILE]))).toMatch(/^[\x20-\x7e]+$/);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 2);
        expect(JSON.parse(printableJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});
