/** Ends this process, as by SIGTERM, when its parent ends. */
export declare function endWithParent(): void;
