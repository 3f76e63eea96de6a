import { describeConformance } from './suite.ts';
import { describeTimes } from './timed-suite.ts';

describeConformance('bun');
describeTimes('bun');
