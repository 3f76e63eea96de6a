/** Sends this process SIGTERM when its parent exits. */
export declare function endWithParent(): void;
