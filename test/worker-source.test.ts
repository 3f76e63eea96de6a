import { expect, test } from 'vitest';
import { withoutDescriptions } from '../scripts/worker-source.mjs';

test('descriptions that are texts become empty, on as many lines; everything else stays', () => {
  const before = [
    'const field = z.string().openapi({ description: "A name.", example: "Ada" });',
    'export const operation = {',
    '  summary: `Get it`,',
    '  description:',
    "    'Two ' +",
    "    'parts',",
    '  answers: { 200: { description: `Two',
    'lines` } },',
    '  detail: "description: kept",',
    '  description,',
    '};',
  ];
  expect(withoutDescriptions(before.join('\n')).split('\n')).toEqual([
    'const field = z.string().openapi({ description: \'\', example: "Ada" });',
    ...before.slice(1, 2),
    "  summary: '',",
    ...before.slice(3, 6),
    "  answers: { 200: { description: ''",
    ' } },',
    ...before.slice(8),
  ]);
});
