import type { OpenAPIObject } from '@nestjs/swagger';

export type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
export type Schema = Exclude<Schemas[string], { $ref: string }>;

const PREFIX = '#/components/schemas/';

/**
 * Removes `Response` from the names of schemas: the class `OrderResponse` becomes `Order`.
 * @throws Error when two classes would have the same name
 */
export function renameSchemas(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  const names = Object.keys(schemas).map((name) => [name, name.replace(/Response$/, '')] as const);
  const twice = names.find(([name, renamed]) => name !== renamed && schemas[renamed]);
  if (twice) throw new Error(`The schemas ${twice.join(' and ')} would have the same name`);
  const renamed = new Map(names);
  document.components = {
    ...document.components,
    schemas: Object.fromEntries(names.map(([name, short]) => [short, schemas[name] ?? {}])),
  };
  renameReferences(document, renamed);
}

function renameReferences(part: unknown, names: ReadonlyMap<string, string>): void {
  if (typeof part !== 'object' || part === null) return;
  const { $ref } = part as { $ref?: unknown };
  if (typeof $ref === 'string' && $ref.startsWith(PREFIX)) {
    const name = $ref.slice(PREFIX.length);
    Object.assign(part, { $ref: PREFIX + (names.get(name) ?? name) });
  }
  for (const inner of Object.values(part)) renameReferences(inner, names);
}

/**
 * Removes the optional members from the schema of problems. Each belongs to some codes only.
 * @returns their schemas, by name
 */
export function takeOptionalMembers(schema: Schema): Schemas {
  const { properties = {}, required = [] } = schema;
  const isOptional = ([name]: [string, unknown]) => !required.includes(name);
  const members = Object.entries(properties);
  schema.properties = Object.fromEntries(members.filter((member) => !isOptional(member)));
  return Object.fromEntries(members.filter(isOptional));
}

/** Sets `additionalProperties` to false in every schema that a request body refers to. */
export function rejectUnknownFields({ paths, components }: OpenAPIObject): void {
  const schemas = components?.schemas ?? {};
  const operations = Object.values(paths).flatMap((path) =>
    Object.values(path as Record<string, { requestBody?: unknown }>),
  );
  const names = new Set(operations.flatMap(({ requestBody }) => schemasIn(requestBody)));
  for (const name of names) {
    const schema = schemas[name];
    if (schema && 'properties' in schema) schema.additionalProperties = false;
    for (const inner of schemasIn(schema)) names.add(inner);
  }
}

/** The names of the schemas that a part of the document refers to. */
function schemasIn(part: unknown): string[] {
  const references = (JSON.stringify(part) ?? '').matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  return Array.from(references, ([, name = '']) => name);
}
