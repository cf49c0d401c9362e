// @ts-check
/**
 * Finds the breaking changes of a JSON Schema. In a request the new schema must accept everything that
 * the old one accepts; in a response it must not allow anything that the old one does not.
 */

/**
 * @typedef {object} Schema references are resolved
 * @property {string | string[]} [type]
 * @property {unknown[]} [enum]
 * @property {string} [format]
 * @property {string} [pattern]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {boolean | Schema} [additionalProperties]
 * @property {Schema} [items]
 * @property {Schema[]} [allOf]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [oneOf]
 *
 * @typedef {'request' | 'response'} Direction
 */

const LOWER_BOUNDS = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'];
const FIXED = ['format', 'pattern', 'multipleOf', 'const'];

/**
 * @param {Direction} direction
 * @param {Schema | undefined} before
 * @param {Schema | undefined} after
 * @param {string} where
 * @returns {string[]} one line for each change
 */
function schemaChanges(direction, before = {}, after = {}, where = '') {
  const [old, now] = [merge(before), merge(after)];
  if (old.anyOf || now.anyOf) return alternativeChanges(direction, old, now, where);
  const types = typeChanges(direction, typesOf(old), typesOf(now), where);
  if (types.length > 0) return types;
  return [
    ...valueChanges(direction, old, now, where),
    ...propertyChanges(direction, old, now, where),
    ...(old.items && now.items ? schemaChanges(direction, old.items, now.items, `${where}[]`) : []),
  ];
}

/**
 * Merges an `allOf` into one schema, and treats a `oneOf` as an `anyOf` with exclusive alternatives.
 * @param {Schema} schema
 * @returns {Schema}
 */
function merge({ allOf = [], oneOf, ...own }) {
  const parts = [...allOf.map(merge), own];
  /** @type {Schema} */
  const merged = Object.assign({}, ...parts);
  for (const [name, property] of parts.flatMap((part) => Object.entries(part.properties ?? {}))) {
    const others = parts.map((part) => part.properties?.[name] ?? property);
    merged.properties = { ...merged.properties, [name]: merge({ allOf: others }) };
  }
  const required = parts.flatMap((part) => part.required ?? []);
  if (required.length > 0) merged.required = required;
  if (oneOf) merged.anyOf = oneOf;
  return merged;
}

/**
 * In a request, every old alternative must be accepted by a new one; in a response, every new alternative
 * by an old one.
 * @param {Direction} direction
 * @param {Schema} before
 * @param {Schema} after
 * @param {string} where
 */
function alternativeChanges(direction, before, after, where) {
  const [old, now] = [before.anyOf ?? [before], after.anyOf ?? [after]];
  const fits = (/** @type {Schema} */ one, /** @type {Schema} */ other) =>
    schemaChanges(direction, one, other, where).length === 0;
  const isKept =
    direction === 'request'
      ? old.every((one) => now.some((other) => fits(one, other)))
      : now.every((one) => old.some((other) => fits(other, one)));
  return isKept ? [] : [`${where} has other alternatives`];
}

/**
 * An absent type is any type.
 * @param {Schema} schema
 * @returns {string[]}
 */
function typesOf({ type = [] }) {
  return [type].flat();
}

/**
 * @param {Direction} direction
 * @param {string[]} before
 * @param {string[]} after
 * @param {string} where
 */
function typeChanges(direction, before, after, where) {
  const [narrow, wide] = direction === 'request' ? [before, after] : [after, before];
  const isWithin = (/** @type {string} */ type) =>
    wide.includes(type) || (type === 'integer' && wide.includes('number'));
  const isKept = wide.length === 0 || (narrow.length > 0 && narrow.every(isWithin));
  return isKept ? [] : [`${where} was ${nameOf(before)} and is ${nameOf(after)}`];
}

/** @param {string[]} types */
function nameOf(types) {
  return types.join(' or ') || 'anything';
}

/**
 * @param {Direction} direction
 * @param {Schema & Record<string, any>} before
 * @param {Schema & Record<string, any>} after
 * @param {string} where
 */
function valueChanges(direction, before, after, where) {
  const changes = [];
  const gone = (before.enum ?? []).filter((value) => after.enum && !after.enum.includes(value));
  if (gone.length > 0) changes.push(`${where} has no value ${gone.join(', ')} any more`);
  const added = (after.enum ?? []).filter((value) => before.enum && !before.enum.includes(value));
  if (direction === 'response' && added.length > 0) {
    changes.push(`${where} has the new value ${added.join(', ')}`);
  }
  const [limited, free] = direction === 'request' ? [after, before] : [before, after];
  if (limited.enum && !free.enum) {
    changes.push(`${where} is ${direction === 'request' ? '' : 'not '}limited to its values now`);
  }
  for (const keyword of FIXED) {
    const isKept =
      before[keyword] === after[keyword] ||
      (direction === 'request' ? after : before)[keyword] === undefined;
    if (!isKept) {
      changes.push(`${where} has the ${keyword} ${after[keyword]} instead of ${before[keyword]}`);
    }
  }
  // Bounds of responses are descriptive only.
  if (direction === 'response') return changes;
  const tightened = [
    ...LOWER_BOUNDS.filter((name) => (after[name] ?? -Infinity) > (before[name] ?? -Infinity)),
    ...UPPER_BOUNDS.filter((name) => (after[name] ?? Infinity) < (before[name] ?? Infinity)),
  ];
  return [...changes, ...tightened.map((name) => `${where} has the ${name} ${after[name]}`)];
}

/**
 * @param {Direction} direction
 * @param {Schema} before
 * @param {Schema} after
 * @param {string} where
 */
function propertyChanges(direction, before, after, where) {
  const changes = [];
  for (const [name, property] of Object.entries(before.properties ?? {})) {
    const now = after.properties?.[name];
    const path = `${where}.${name}`;
    if (!now) {
      changes.push(`${path} is gone`);
      continue;
    }
    if (direction === 'response' && isRequired(before, name) && !isRequired(after, name)) {
      changes.push(`${path} may be missing`);
    }
    changes.push(...schemaChanges(direction, property, now, path));
  }
  if (direction === 'response') return changes;
  const added = (after.required ?? []).filter((name) => !isRequired(before, name));
  if (before.additionalProperties !== false && after.additionalProperties === false) {
    changes.push(`${where} accepts no further fields`);
  }
  return [...changes, ...added.map((name) => `${where}.${name} is required`)];
}

/**
 * @param {Schema} schema
 * @param {string} name
 */
function isRequired({ required = [] }, name) {
  return required.includes(name);
}

module.exports = { merge, schemaChanges };
