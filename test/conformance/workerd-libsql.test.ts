import { describeConformance } from './suite.ts';
import { describeTimes } from './timed-suite.ts';

describeConformance('workerd-libsql');
describeTimes('workerd-libsql');
