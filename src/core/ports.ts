/** A static file, as one answer sends it. */
export interface Asset {
  readonly body: BodyInit;
  /** In bytes, where it is known. */
  readonly length?: number;
}

/** Reads a static file, named as under `public/`; `undefined` if there is none. */
export type ReadAsset = (path: string) => Promise<Asset | undefined>;

/** True if a caller does not flood us, as the platform in front of us counts. */
export type FloodGate = (caller: string) => Promise<boolean>;
