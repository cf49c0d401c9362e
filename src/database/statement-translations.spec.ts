import { StatementTranslations } from './statement-translations';

function createTranslations() {
  const translate = jest.fn(
    (sql: string, parameters: Readonly<Record<string, unknown>>): [string, unknown[]] => {
      const values: unknown[] = [];
      const translated = sql.replaceAll(/:(?:\.\.\.)?(\w+)/g, (_, name: string) => {
        values.push(...[parameters[name]].flat());
        return '?';
      });
      return [translated, values];
    },
  );
  return { translate, translations: new StatementTranslations(translate) };
}

describe('StatementTranslations', () => {
  it('translates a statement once, and lists the values of each execution', () => {
    const { translate, translations } = createTranslations();
    const sql = 'SELECT :b, :a, :b';
    expect(translations.get(sql, { a: 1, b: null })).toEqual(['SELECT ?, ?, ?', [null, 1, null]]);
    expect(translations.get(sql, { b: 'x', a: 2 })).toEqual(['SELECT ?, ?, ?', ['x', 2, 'x']]);
    expect(translate).toHaveBeenCalledTimes(1);
  });

  it('translates a statement again when it gets other parameters', () => {
    const { translations } = createTranslations();
    const sql = 'SELECT :a';
    translations.get(sql, { b: 1 });
    expect(translations.get(sql, { a: 1 })).toEqual(['SELECT ?', [1]]);
    expect(translations.get(sql, { a: 1, b: 2 })).toEqual(['SELECT ?', [1]]);
    expect(translations.get(sql, { a: () => 'now()' })[1]).toEqual([expect.any(Function)]);
  });

  it('translates a statement each time when its SQL depends on the values, or is long', () => {
    const { translate, translations } = createTranslations();
    const long = `SELECT :a${' '.repeat(10_000)}`;
    for (const value of [1, 2]) {
      expect(translations.get('SELECT :...ids', { ids: [value] })).toEqual(['SELECT ?', [value]]);
      translations.get('SELECT :a', { a: () => 'now()' });
      translations.get(long, { a: value });
    }
    expect(translate).toHaveBeenCalledTimes(6);
  });
});
