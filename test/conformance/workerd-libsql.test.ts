import { describeConformance } from './suite.ts';

describeConformance('workerd-libsql');
