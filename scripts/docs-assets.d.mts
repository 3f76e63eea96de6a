/** Copies Swagger UI's files from its package into `public/docs`. */
export declare function copyDocs(): Promise<void>;
