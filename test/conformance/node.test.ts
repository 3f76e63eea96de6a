import { describeConformance } from './suite.ts';

describeConformance('node');
