import { describeConformance } from './suite.ts';
import { describeTimes } from './timed-suite.ts';

describeConformance('workerd-d1');
describeTimes('workerd-d1');
