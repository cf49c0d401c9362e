// @ts-check
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

/**
 * The operations of an OpenAPI document.
 * @template {Record<string, unknown>} Item
 * @param {{ paths: Record<string, Item> }} document
 */
function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => Object.hasOwn(item, method)).map((method) => ({
      method,
      path,
      route: `${method.toUpperCase()} ${path}`,
      operation: item[method],
    })),
  );
}

module.exports = { METHODS, operationsOf };
