import type { Job } from '../job.ts';
import type { Routes } from './routes.ts';

/** The parts that a feature adds to the app. */
export interface Feature {
  /** Registers the operations of the feature. */
  readonly addRoutes?: (routes: Routes) => void;
  /** The jobs that delete its expired rows. */
  readonly jobs?: readonly Job[];
}
