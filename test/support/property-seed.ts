// One seed for every property, so that a run says of the code what the last one said of it: a
// change is judged by what it changed, and not by luck. `PROPERTY_SEED` looks elsewhere.
import fc from 'fast-check';

const DEFAULT_SEED = 2_011_215_533;

const given = process.env.PROPERTY_SEED;
const seed = given === undefined ? DEFAULT_SEED : Number(given);
if (!Number.isSafeInteger(seed)) throw new Error('PROPERTY_SEED must be an integer');

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
