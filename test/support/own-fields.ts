/** Own fields of every kind, as an operator declares them. */
export const OWN_FIELDS = JSON.stringify({
  type: 'object',
  properties: {
    city: { type: 'string', title: 'City', maxLength: 80 },
    about: { type: 'string', maxLength: 4000 },
    site: { type: 'string', format: 'uri' },
    born: { type: 'string', format: 'date' },
    size: { type: 'string', enum: ['S', 'M', 'L'] },
    year: { type: 'integer', minimum: 1900, maximum: 2100 },
    height: { type: 'number', minimum: 0 },
    news: { type: 'boolean', title: 'Newsletter' },
    tongues: {
      type: 'array',
      items: { type: 'string', enum: ['en', 'hi', 'ta'] },
      uniqueItems: true,
    },
    tags: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 3 },
  },
});

/** A value of each. */
export const OWN_VALUES = {
  city: 'पुणे',
  about: 'first line\nsecond "line"',
  site: 'https://ada.example/a?b=c#d',
  born: '2024-02-29',
  size: 'M',
  year: 1815 + 100,
  height: 1.7,
  news: false,
  tongues: ['en', 'hi'],
  tags: [],
};
