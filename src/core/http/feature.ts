import type { Job } from '../job.ts';
import type { CreatePageRoutes } from './pages.ts';
import type { Routes } from './routes.ts';

/** The parts that a feature adds to the app. */
export interface Feature {
  /** Registers the operations of the feature. */
  readonly addRoutes?: (routes: Routes) => void;
  /** Registers pages for browsers, if they are served. */
  readonly addPages?: (create: CreatePageRoutes) => void;
  /** The jobs that delete its expired rows. */
  readonly jobs?: readonly Job[];
}
