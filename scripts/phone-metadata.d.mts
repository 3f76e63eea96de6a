import type { MetadataJson } from 'libphonenumber-js/core';

/** Returns a copy of the metadata in which no country has a format. */
export declare function withoutFormats(metadata: MetadataJson): MetadataJson;
/** Writes the metadata without formats into `dist/worker`, for `scripts/worker-phone.mjs`. */
export declare function writePhoneMetadata(): Promise<void>;
