/** What the owner of an order has stored with it: strings by key. */
export type Metadata = Readonly<Record<string, string>>;

/** A JSON merge patch of metadata (RFC 7396): null removes a key, or all of them. */
export type MetadataPatch = Readonly<Record<string, string | null>> | null;

export const MAX_METADATA_KEYS = 50;

/** A patch can replace all keys by others. */
export const MAX_PATCHED_KEYS = 2 * MAX_METADATA_KEYS;

export const MAX_METADATA_KEY_LENGTH = 40;

/** In code points. */
export const MAX_METADATA_VALUE_LENGTH = 500;

/**
 * Of a key and its value in JSON, in UTF-16 code units: a code point has two, also when it is escaped. The
 * rest are quotes and separators.
 */
export const MAX_METADATA_ENTRY_LENGTH =
  MAX_METADATA_KEY_LENGTH + 2 * MAX_METADATA_VALUE_LENGTH + 12;

const KEY = new RegExp(`^[A-Za-z0-9_.-]{1,${MAX_METADATA_KEY_LENGTH}}$`);

export function isMetadataKey(key: string): boolean {
  return KEY.test(key);
}

/**
 * The metadata in a JSON string, always in the same order of keys.
 * @param json null when there is none
 */
export function parseMetadata(json: string | null): Metadata {
  if (json === null) return {};
  return toMetadata(Object.entries(JSON.parse(json) as Metadata));
}

/** Applies a patch (RFC 7396, section 2). */
export function mergeMetadata(metadata: Metadata, patch: MetadataPatch): Metadata {
  if (patch === null) return {};
  const merged = new Map(Object.entries(metadata));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return toMetadata([...merged]);
}

/** What turns metadata into other metadata. */
export interface MetadataChanges {
  readonly removedKeys: readonly string[];
  readonly written: readonly { readonly key: string; readonly value: string }[];
}

export function metadataChanges(before: Metadata, after: Metadata): MetadataChanges {
  const old = new Map(Object.entries(before));
  return {
    removedKeys: [...old.keys()].filter((key) => !Object.hasOwn(after, key)),
    written: Object.entries(after)
      .filter(([key, value]) => old.get(key) !== value)
      .map(([key, value]) => ({ key, value })),
  };
}

/** `fromEntries` makes an own property even of `__proto__`. */
function toMetadata(entries: readonly (readonly [string, string])[]): Metadata {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
