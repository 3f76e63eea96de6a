// What is left of @asteasolutions/zod-to-openapi in the Worker's bundle: schemas can be described, and nothing is
// generated. The Worker serves the OpenAPI document that openapi.json has. See `[alias]` in wrangler.toml.
const nothing = () => {};

/** Adds the method by which schemas are described. */
export function extendZodWithOpenApi({ ZodType }) {
  ZodType.prototype.openapi ??= function openapi() {
    return this;
  };
}

export const getOpenApiMetadata = () => ({});

export class OpenAPIRegistry {
  registerPath = nothing;
  registerComponent = nothing;
}

export class OpenApiGeneratorV3 {}
export class OpenApiGeneratorV31 {}
