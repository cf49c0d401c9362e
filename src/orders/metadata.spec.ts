import {
  type Metadata,
  type MetadataPatch,
  isMetadataKey,
  mergeMetadata,
  metadataChanges,
  parseMetadata,
} from './metadata';

const parse = (json: string) => JSON.parse(json) as Metadata;

describe('mergeMetadata', () => {
  // The flat examples of RFC 7396, appendix A, and keys that every object inherits.
  it.each<[string, string, string]>([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":"b"}', '{}', '{"a":"b"}'],
    ['{"a":"b"}', 'null', '{}'],
    ['{}', '{"a":null}', '{}'],
    ['{"b":"1","a":"2"}', '{"B":"3"}', '{"B":"3","a":"2","b":"1"}'],
    ['{"__proto__":"x"}', '{"__proto__":"y","toString":"z"}', '{"__proto__":"y","toString":"z"}'],
    ['{"__proto__":"x","a":"b"}', '{"__proto__":null}', '{"a":"b"}'],
  ])('merges %s and %s', (metadata, patch, expected) => {
    const merged = mergeMetadata(parse(metadata), JSON.parse(patch) as MetadataPatch);
    expect(JSON.stringify(merged)).toBe(expected);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });
});

describe('metadataChanges', () => {
  it('lists what is removed and what is written', () => {
    const before = parse('{"kept":"1","changed":"2","gone":"3","__proto__":"4"}');
    const after = parse('{"kept":"1","changed":"5","toString":"6"}');
    expect(metadataChanges(before, after)).toEqual({
      removedKeys: ['gone', '__proto__'],
      written: [
        { key: 'changed', value: '5' },
        { key: 'toString', value: '6' },
      ],
    });
    expect(metadataChanges(before, before)).toEqual({ removedKeys: [], written: [] });
  });
});

describe('parseMetadata', () => {
  it('has the keys in one order', () => {
    expect(JSON.stringify(parseMetadata('{"b":"1","a":"2","__proto__":"3"}'))).toBe(
      '{"__proto__":"3","a":"2","b":"1"}',
    );
    expect(parseMetadata(null)).toEqual({});
  });
});

describe('isMetadataKey', () => {
  it.each(['a', 'A.b_c-9', '__proto__', 'k'.repeat(40)])('accepts %s', (key) => {
    expect(isMetadataKey(key)).toBe(true);
  });

  it.each(['', ' ', 'a b', 'a\n', 'ä', 'a:b', 'k'.repeat(41), '\u212a'])('rejects %j', (key) => {
    expect(isMetadataKey(key)).toBe(false);
  });
});
