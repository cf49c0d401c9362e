import { promisify } from 'node:util';
import { METHODS, operationsOf } from './operations.js';

/**
 * The requests that a run sends first, in this order, and that must succeed. All other operations follow.
 * They may have any documented response: the session has ended, and their resources may not exist.
 */
const TOUR = [
  'GET /',
  'GET /health/live',
  'GET /health/ready',
  'POST /auth/register',
  'POST /auth/login',
  'GET /users/me',
  'POST /orders',
  'GET /orders',
  'GET /orders/{id}',
  'PATCH /orders/{id}',
  'PATCH /orders/{id}/cancel',
  'GET /orders/{id}/history',
  'GET /orders/export',
  'GET /admin/orders',
  'GET /admin/orders/{id}',
  'GET /admin/orders/stats',
  'GET /admin/orders/export',
  'GET /admin/processing',
  'POST /admin/processing/pause',
  'POST /admin/processing/resume',
  'POST /admin/processing/runs',
  'POST /auth/refresh',
  'GET /auth/sessions',
  'POST /auth/password',
  'DELETE /auth/sessions/{id}',
];

/** Fields of requests that are sent with the value of a variable. */
const VARIABLE_OF_REQUEST_FIELD = {
  email: 'email',
  password: 'password',
  current_password: 'password',
  refresh_token: 'refreshToken',
};

/** Fields of responses that are stored in a variable. */
const VARIABLE_OF_RESPONSE_FIELD = { access_token: 'bearerToken', refresh_token: 'refreshToken' };

const VARIABLES = {
  baseUrl: 'http://localhost:8000',
  email: '',
  password: 'secure123',
  bearerToken: '',
  refreshToken: '',
  adminToken: '',
};

/**
 * Creates a Postman collection that can be run from top to bottom, with its own account and order.
 * Requests of admins are skipped while the variable `adminToken` is empty.
 * @param {object} document of OpenAPI
 * @returns {Promise<object>} in the format 2.1
 */
export async function toPostmanCollection(document) {
  const { info, auth, requests } = await convert(document);
  // A stream does not end, and a run would wait for it.
  const operations = operationsOf(document)
    .filter(({ operation }) => !isStream(operation))
    .map(({ operation, method, path, route }) =>
      Object.assign({}, operation, { method, path, route }),
    );
  const itemOf = (operation) => toItem(operation, requests.get(operation.route), document);
  const unknown = TOUR.filter(
    (route) => !operations.some((operation) => operation.route === route),
  );
  if (unknown.length > 0)
    throw new Error(`TOUR contains unknown operations: ${unknown.join(', ')}`);
  const tour = TOUR.map((route) => operations.find((operation) => operation.route === route));
  const others = document.tags.map(({ name, description }) => ({
    name,
    description,
    item: operations
      .filter(({ tags: [tag], route }) => tag === name && !TOUR.includes(route))
      .toSorted((a, b) => METHODS.indexOf(a.method) - METHODS.indexOf(b.method))
      .map(itemOf),
  }));
  return {
    info,
    auth,
    variable: Object.entries(VARIABLES).map(([key, value]) => ({ key, value })),
    item: [
      { name: 'Tour', item: tour.map(itemOf) },
      ...others.filter(({ item }) => item.length > 0),
    ],
  };
}

function isStream({ responses }) {
  return responses['200']?.content?.['text/event-stream'] !== undefined;
}

/** @returns the requests of the library's collection, by their routes */
async function convert(document) {
  const source = { type: 'json', data: withInstants(document) };
  const options = {
    parametersResolution: 'Example',
    enableOptionalParameters: false,
    folderStrategy: 'Tags',
  };
  const { result, reason, output } = await withSeededRandom(async () => {
    // Imported here, because the library reads Math.random when it is loaded.
    const { default: converter } = await import('openapi-to-postmanv2');
    return promisify(converter.convertV2)(source, options);
  });
  if (!result) throw new Error(reason);
  const { info, auth, item } = output[0].data;
  const requests = item.flatMap((folder) => folder.item).map(({ request }) => request);
  return {
    info: { name: info.name, description: document.info.description, schema: info.schema },
    auth,
    requests: new Map(requests.map((request) => [routeOf(request), request])),
  };
}

/** Returns a copy with an example for every instant; the library would use the current time. */
function withInstants(document) {
  return JSON.parse(JSON.stringify(document), (_, value) =>
    value?.format === 'date-time' ? { example: '2026-01-31T12:00:00.000Z', ...value } : value,
  );
}

/** Makes the library generate the same examples each time. */
async function withSeededRandom(work) {
  const { random } = Math;
  let state = 1;
  Math.random = () => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
  try {
    return await work();
  } finally {
    Math.random = random;
  }
}

function routeOf({ method, url }) {
  return `${method} /${url.path.map((part) => part.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}

function toItem(operation, request, document) {
  const { summary, description, route, path, security, responses } = operation;
  const isForAdmins = Object.hasOwn(responses, '403');
  const { url, header, body } = request;
  for (const variable of url.variable) variable.value = `{{${idVariable(path, variable.key)}}}`;
  return {
    name: summary.replace(/\.$/, ''),
    event: [
      ...script('prerequest', [
        ...(route === 'POST /auth/register' ? [NEW_EMAIL] : []),
        ...(isForAdmins ? [SKIP_WITHOUT_ADMIN] : []),
      ]),
      ...script('test', [expectation(operation), ...storedVariables(operation, document)]),
    ],
    request: {
      method: request.method,
      url,
      header,
      ...(body?.raw && { body: { ...body, raw: withVariables(body.raw) } }),
      ...(security?.length === 0 && { auth: { type: 'noauth' } }),
      ...(isForAdmins && {
        auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{adminToken}}' }] },
      }),
      ...(description && { description }),
    },
  };
}

const NEW_EMAIL =
  "pm.collectionVariables.set('email', pm.variables.replaceIn('{{$randomUUID}}@example.com'));";
const SKIP_WITHOUT_ADMIN = "if (!pm.variables.get('adminToken')) pm.execution.skipRequest();";

function script(listen, exec) {
  return exec.length > 0 ? [{ listen, script: { type: 'text/javascript', exec } }] : [];
}

function expectation({ route, responses }) {
  if (!TOUR.includes(route)) {
    const statuses = Object.keys(responses).join(', ');
    return `pm.test('The response is documented', () => pm.expect(pm.response.code).to.be.oneOf([${statuses}]));`;
  }
  const [success] = Object.keys(responses);
  return `pm.test('The status is ${success}', () => pm.response.to.have.status(${success}));`;
}

/** Scripts that store tokens, and the id of a resource that has its own path. */
function storedVariables({ path, responses }, { paths, components }) {
  const [success] = Object.keys(responses);
  const { schema } = responses[success].content?.['application/json'] ?? {};
  if (!schema) return [];
  const { properties = {} } = components.schemas[schema.$ref?.split('/').at(-1)] ?? {};
  const stored = Object.entries(VARIABLE_OF_RESPONSE_FIELD).filter(([field]) => properties[field]);
  if (Object.hasOwn(paths, `${path}/{id}`)) {
    const id = properties.id ? 'id' : 'data?.[0]?.id';
    stored.push([id, idVariable(`${path}/{id}`, 'id')]);
  }
  return stored.map(
    ([field, variable]) =>
      `if (pm.response.code < 300) pm.collectionVariables.set('${variable}', pm.response.json().${field});`,
  );
}

/** Names the variable of an id: `orderId` for `/orders/{id}`. */
function idVariable(path, name) {
  const [, collection] = /([^/]+)s\/\{/.exec(path.slice(0, path.indexOf(`{${name}}`) + 1)) ?? [];
  return collection ? `${collection}Id` : name;
}

function withVariables(json) {
  const body = JSON.parse(json);
  for (const [field, variable] of Object.entries(VARIABLE_OF_REQUEST_FIELD)) {
    if (Object.hasOwn(body, field)) body[field] = `{{${variable}}}`;
  }
  return JSON.stringify(body, undefined, 2);
}
