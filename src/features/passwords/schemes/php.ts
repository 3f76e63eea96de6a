/** PHP's `trim`, which WordPress applies to passwords: removes fewer characters than JavaScript's. */
export const trimAsPhp = (text: string): string =>
  text.replace(/^[ \t\n\r\0\v]+|[ \t\n\r\0\v]+$/g, '');
