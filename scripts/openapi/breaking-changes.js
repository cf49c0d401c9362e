// @ts-check
/**
 * Finds the changes of an OpenAPI document that break clients of its old version. Clients are expected
 * to ignore unknown fields of responses, and to handle a problem with an unknown code by its status.
 * Generated clients reject unknown values of enums, so a new value in a response is a breaking change.
 */
const { operationsOf } = require('./operations.js');
const { merge, schemaChanges } = require('./schema-changes.js');

/**
 * @typedef {import('./schema-changes.js').Schema} Schema
 * @typedef {Record<string, { schema?: Schema }>} Content
 * @typedef {{ name: string, in: string, required?: boolean, schema?: Schema }} Parameter
 * @typedef {{ required?: boolean, content: Content }} RequestBody
 * @typedef {{ required?: boolean, schema?: Schema }} Header
 * @typedef {{ content?: Content, headers?: Record<string, Header> }} Response
 *
 * @typedef {object} Operation
 * @property {string} [operationId]
 * @property {object[]} [security]
 * @property {Parameter[]} [parameters]
 * @property {RequestBody} [requestBody]
 * @property {Record<string, Response>} responses
 *
 * @typedef {Record<string, Record<string, object>>} Paths
 * @typedef {{ paths: Paths, webhooks?: Paths }} Document
 */

/**
 * @param {Document} before
 * @param {Document} after
 * @returns {string[]} one line for each change
 */
function breakingChanges(before, after) {
  return [...routeChanges(before, after), ...webhookChanges(before, after)];
}

/**
 * @param {Document} before
 * @param {Document} after
 */
function routeChanges(before, after) {
  const current = resolvedOperations(after);
  return [...resolvedOperations(before)].flatMap(([route, old]) => {
    const operation = current.get(route);
    if (!operation) return [`${route} is gone`];
    const changes = [
      ...callChanges(old, operation),
      ...parameterChanges(parametersOf(old), parametersOf(operation)),
      ...requestBodyChanges(old.requestBody, operation.requestBody),
      ...responseChanges(old.responses, operation.responses),
    ];
    return changes.map((change) => `${route}: ${change}`);
  });
}

/**
 * A webhook is a request of the server, so what a client sends elsewhere is what it receives here.
 * @param {Document} before
 * @param {Document} after
 */
function webhookChanges(before, after) {
  const current = resolvedWebhooks(after);
  return [...resolvedWebhooks(before)].flatMap(([webhook, old]) => {
    const now = current.get(webhook);
    if (!now) return [`webhook ${webhook} is gone`];
    const headers = parametersOf(now);
    const changes = [...parametersOf(old)].flatMap(([name, parameter]) => {
      const header = headers.get(name);
      if (!header || (parameter.required && !header.required)) return [`${name} may be missing`];
      return schemaChanges('response', parameter.schema, header.schema, name);
    });
    const [oldContent, content] = [old, now].map(({ requestBody }) => requestBody?.content);
    changes.push(...contentChanges('response', oldContent, content, 'request body'));
    return changes.map((change) => `webhook ${webhook}: ${change}`);
  });
}

/**
 * The requests that the server sends, by name and method, with all references resolved.
 * @param {Document} document
 */
function resolvedWebhooks(document) {
  const webhooks = Object.entries(document.webhooks ?? {}).flatMap(([name, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const resolved = /** @type {Operation} */ (resolve(operation, document));
      return /** @type {const} */ ([`${method.toUpperCase()} ${name}`, resolved]);
    }),
  );
  return new Map(webhooks);
}

/**
 * The operations by method and path, with all references resolved. The names of path parameters are
 * left out, because clients do not see them.
 * @param {Document} document
 */
function resolvedOperations(document) {
  const operations = operationsOf(document).map(({ route, operation }) => {
    const shape = route.replaceAll(/\{\w+\}/g, '{}');
    return /** @type {const} */ ([shape, /** @type {Operation} */ (resolve(operation, document))]);
  });
  return new Map(operations);
}

/**
 * Replaces each reference with what it refers to.
 * @param {unknown} part
 * @param {object} document
 * @param {readonly string[]} followed the references that led to this part
 * @returns {unknown}
 */
function resolve(part, document, followed = []) {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((element) => resolve(element, document, followed));
  if ('$ref' in part && typeof part.$ref === 'string') {
    if (followed.includes(part.$ref)) throw new Error(`${part.$ref} contains itself`);
    const steps = part.$ref.replace('#/', '').split('/');
    const target = steps.reduce((/** @type {any} */ value, step) => value?.[step], document);
    if (target === undefined) throw new Error(`${part.$ref} does not exist`);
    return resolve(target, document, [...followed, part.$ref]);
  }
  const entries = Object.entries(part).map(([key, value]) => [
    key,
    key.startsWith('example') ? value : resolve(value, document, followed),
  ]);
  return Object.fromEntries(entries);
}

/**
 * @param {Operation} before
 * @param {Operation} after
 */
function callChanges(before, after) {
  const changes = [];
  if (before.operationId !== after.operationId) {
    changes.push(`its operationId was ${before.operationId} and is ${after.operationId}`);
  }
  // Without a requirement of its own an operation has the one of the document.
  if (before.security?.length === 0 && after.security?.length !== 0) {
    changes.push('it requires authentication');
  }
  return changes;
}

/**
 * The parameters of a path are identified by their position, all others by their name.
 * @param {Operation} operation
 */
function parametersOf({ parameters = [] }) {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  return new Map(
    parameters.map((parameter) => [
      parameter.in === 'path'
        ? `path parameter ${inPath.indexOf(parameter) + 1}`
        : `${parameter.in} parameter ${parameter.name}`,
      parameter,
    ]),
  );
}

/**
 * @param {Map<string, Parameter>} before
 * @param {Map<string, Parameter>} after
 */
function parameterChanges(before, after) {
  const changes = [];
  for (const [name, { required }] of after) {
    if (required && !before.get(name)?.required) changes.push(`${name} is required`);
  }
  for (const [name, parameter] of before) {
    const now = after.get(name);
    if (!now) changes.push(`${name} is gone`);
    else changes.push(...schemaChanges('request', parameter.schema, now.schema, name));
  }
  return changes;
}

/**
 * @param {RequestBody | undefined} before
 * @param {RequestBody | undefined} after
 */
function requestBodyChanges(before, after) {
  if (!after) return before ? ['the request body is gone'] : [];
  const changes = after.required && !before?.required ? ['the request body is required'] : [];
  return [...changes, ...contentChanges('request', before?.content, after.content, 'request body')];
}

/**
 * @param {Record<string, Response>} before
 * @param {Record<string, Response>} after
 */
function responseChanges(before, after) {
  return Object.entries(before).flatMap(([status, old]) => {
    const now = after[status];
    if (!now) return [`status ${status} is gone`];
    const headers = Object.entries(old.headers ?? {}).flatMap(([name, header]) => {
      const current = now.headers?.[name];
      const where = `header ${name} of ${status}`;
      if (!current) return [`${where} is gone`];
      return header.required && !current.required && !hasNewProblem(old, now)
        ? [`${where} may be missing`]
        : schemaChanges('response', header.schema, current.schema, where);
    });
    return headers.concat(contentChanges('response', old.content, now.content, status));
  });
}

/**
 * Whether the status has a further problem code, for which a header may be missing.
 * @param {Response} before
 * @param {Response} after
 */
function hasNewProblem(before, after) {
  const [old, now] = [before, after].map(({ content }) =>
    problemsOf(content?.['application/problem+json']?.schema),
  );
  return [...now.keys()].some((code) => !old.has(code));
}

/**
 * @param {'request' | 'response'} direction
 * @param {Content} [before]
 * @param {Content} [after]
 * @param {string} [where]
 */
function contentChanges(direction, before = {}, after = {}, where = '') {
  return Object.entries(before).flatMap(([type, { schema }]) =>
    Object.hasOwn(after, type)
      ? compare(type, schema, after[type]?.schema)
      : [`${type} of ${where} is gone`],
  );

  /**
   * @param {string} type
   * @param {Schema} [old]
   * @param {Schema} [now]
   */
  function compare(type, old, now) {
    return type === 'application/problem+json'
      ? problemChanges(problemsOf(old), problemsOf(now), where)
      : schemaChanges(direction, old, now, where);
  }
}

/**
 * Problems of one status may get further codes.
 * @param {Map<unknown, Schema>} before by code
 * @param {Map<unknown, Schema>} after
 * @param {string} where
 */
function problemChanges(before, after, where) {
  return [...before].flatMap(([code, old]) => {
    const now = after.get(code);
    return now
      ? schemaChanges('response', old, now, where)
      : [`${where}.code has no value ${String(code)} any more`];
  });
}

/**
 * Splits a schema of problems into one for each code.
 * @param {Schema} [schema]
 * @returns {Map<unknown, Schema>}
 */
function problemsOf(schema = {}) {
  const merged = merge(schema);
  const problems = (merged.anyOf ?? [merged]).map(merge).flatMap((problem) => {
    const { code } = problem.properties ?? {};
    const codes = code?.enum ?? [undefined];
    return codes.map((/** @type {unknown} */ value) => {
      const properties = {
        ...problem.properties,
        ...(code && { code: { ...code, enum: [value] } }),
      };
      return /** @type {const} */ ([value, { ...problem, properties }]);
    });
  });
  return new Map(problems);
}

module.exports = { breakingChanges };
