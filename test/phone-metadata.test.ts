import {
  type CountryCode,
  getExampleNumber,
  type MetadataJson,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/core';
import examples from 'libphonenumber-js/examples.mobile.json';
import metadata from 'libphonenumber-js/metadata.min.json';
import { expect, test } from 'vitest';
import { withoutFormats } from '../scripts/phone-metadata.mjs';

const stripped: MetadataJson = withoutFormats(metadata);

/** What the API uses of a parsed number. */
function parsed(text: string, region: CountryCode, of: MetadataJson) {
  const phone = parsePhoneNumberFromString(text, { defaultCountry: region, extract: false }, of);
  return phone && [phone.number, phone.nationalNumber, phone.ext, phone.isValid()];
}

/** Ways to type the example of a region, most of them valid. */
function spellings(region: CountryCode): string[] {
  const example = getExampleNumber(region, examples, metadata);
  if (!example) throw new Error(`no example for ${region}`);
  const { number, nationalNumber } = example;
  const written = [example.formatNational(), example.formatInternational(), number, nationalNumber];
  return [
    ...written,
    ...written.flatMap((text) => [`${text}0`, text.slice(0, -1), `0${text}`, `${text} ext. 5`]),
    `00${number.slice(1)}`,
    `011${number.slice(1)}`,
  ];
}

test('the Worker’s metadata has no formats, and every region parses as with the whole metadata', () => {
  const regions = Object.keys(metadata.countries) as CountryCode[];
  expect(regions.length).toBeGreaterThan(240);
  const differing = regions.flatMap((region) =>
    spellings(region).filter(
      (text) =>
        JSON.stringify(parsed(text, region, stripped)) !==
        JSON.stringify(parsed(text, region, metadata)),
    ),
  );
  expect(differing).toEqual([]);
  expect(parsed('098765 43210', 'IN', stripped)).toEqual([
    '+919876543210',
    '9876543210',
    undefined,
    true,
  ]);
  expect(JSON.stringify(stripped)).not.toContain('$1 $2');
  expect(JSON.stringify(metadata)).toContain('$1 $2');
});
