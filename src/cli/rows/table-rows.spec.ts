import { type TargetTable, comparable } from './table-rows';

const table: TargetTable = {
  name: 'notes',
  types: new Map([
    ['id', 'int8'],
    ['is_read', 'bool'],
    ['body', 'jsonb'],
  ]),
};

describe('comparable', () => {
  it('returns the same values for a row of SQLite and its copy', () => {
    const body = '[{"text":"a: b","id":1,"to":null},{"nested":{"b":[2,1],"a":0.5}}]';
    const copied = '[{"id": 1, "to": null, "text": "a: b"}, {"nested": {"a": 0.5, "b": [2, 1]}}]';
    const values = comparable(table, { id: 1, is_read: 1, body });
    expect(comparable(table, { id: 1, is_read: true, body: copied })).toEqual(values);
    expect(values.slice(0, 2)).toEqual([1, true]);
  });

  it('returns other values for other JSON', () => {
    const of = (body: string | null) => String(comparable(table, { id: 1, is_read: 1, body }));
    const all = ['[1,2]', '[2,1]', '{"a":1}', '{"a":"1"}', '"null"', 'null', null].map(of);
    expect(new Set(all.slice(0, -2)).size).toBe(5);
    expect(comparable(table, { body: 'null' })).not.toEqual(comparable(table, { body: null }));
  });

  it('returns what is no JSON as it is', () => {
    expect(comparable(table, { id: 1, is_read: null, body: '{' })).toEqual([1, null, '{']);
  });
});
