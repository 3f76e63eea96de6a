const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
};

/** Decodes text or an attribute. @throws Error if it has a character that must be escaped */
export function decode(text: string): string {
  if (/[<>"']/.test(text) || /&(?!(lt|gt|amp|quot|#39);)/.test(text)) {
    throw new Error(`Not escaped: ${text}`);
  }
  return text.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);
}

/** A tag as the pages of mails write it: every attribute in double quotes. */
const TAG = /<(\/?[a-z0-9]+|!DOCTYPE html)((?: [a-z-]+="[^"<>]*")*)\/?>/g;

/** Reads a page. @throws Error if its tags or its texts are not well-formed */
export function readPage(html: string) {
  const tags = [...html.matchAll(TAG)].map(([, name = '', attributes = '']) => ({
    name,
    attributes: Object.fromEntries(
      [...attributes.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        decode(value),
      ]),
    ),
  }));
  const texts = html
    .split(/<[^<>]*>/)
    .map(decode)
    .filter((text) => text !== '');
  // Everything between the tags is text, and nothing else has angle brackets.
  decode(html.replaceAll(TAG, ''));
  const [title = '', ...lines] = texts;
  return { tags, title, lines };
}
