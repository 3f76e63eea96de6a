import { describeConformance } from './suite.ts';

describeConformance('deno');
