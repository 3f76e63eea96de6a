// The part of libphonenumber-js that the API uses, for the Worker's bundle: with metadata that has no formats for
// display. See scripts/phone-metadata.mjs, and `[alias]` in wrangler.toml.
import * as core from 'libphonenumber-js/core';
import metadata from '../dist/worker/phone-metadata.json';

export const getCountryCallingCode = (country) => core.getCountryCallingCode(country, metadata);
export const isSupportedCountry = (country) => core.isSupportedCountry(country, metadata);
export const parsePhoneNumberFromString = (text, options) =>
  core.parsePhoneNumberFromString(text, options, metadata);
