/** Writes the static files of `/docs` and the phone metadata of the Worker. */
export declare function writeWorkerFiles(): Promise<void>;
