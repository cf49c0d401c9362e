import type { OpenAPIObject } from '@nestjs/swagger';

/** Says of every schema that a request body is made of what the validation does with others. */
export function refuseUnknownFields({ paths, components }: OpenAPIObject): void {
  const schemas = components?.schemas ?? {};
  const bodies = Object.values(paths).flatMap((path) =>
    Object.values(path as Record<string, { requestBody?: unknown }>).map(
      ({ requestBody }) => requestBody,
    ),
  );
  const names = new Set(bodies.flatMap(schemasIn));
  for (const name of names) {
    const schema = schemas[name];
    if (schema && 'properties' in schema) schema.additionalProperties = false;
    for (const inner of schemasIn(schema)) names.add(inner);
  }
}

/** The names of the schemas that anything in a document refers to. */
function schemasIn(part: unknown): string[] {
  const references = (JSON.stringify(part) ?? '').matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  return Array.from(references, ([, name = '']) => name);
}
