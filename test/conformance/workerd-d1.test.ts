import { describeConformance } from './suite.ts';

describeConformance('workerd-d1');
