import type { Job } from '../job.ts';
import type { Routes } from './routes.ts';

/** The parts that a feature adds to the app. */
export interface Feature {
  /** Registers its operations. */
  readonly addRoutes?: (routes: Routes) => void;
  /** Delete its expired rows. */
  readonly jobs?: readonly Job[];
}
