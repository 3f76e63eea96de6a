import { describeConformance } from './suite.ts';

describeConformance('bun');
