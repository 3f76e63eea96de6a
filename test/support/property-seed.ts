// One fixed seed for every property-based test, so that only a change can make a test fail. `PROPERTY_SEED` selects
// another seed.
import fc from 'fast-check';

const DEFAULT_SEED = 2_011_215_533;

const given = process.env.PROPERTY_SEED;
const seed = given === undefined ? DEFAULT_SEED : Number(given);
if (!Number.isSafeInteger(seed)) throw new Error('PROPERTY_SEED must be an integer');

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
