/** One cell: quoted, with doubled quotes, or without quotes, commas and line breaks; and what follows. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;

/**
 * Parses CSV as RFC 4180 defines it.
 * @throws Error when it is malformed, or its last record has no line break
 */
export function parseCsv(csv: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < csv.length) {
    const start = CELL.lastIndex;
    const found = CELL.exec(csv);
    if (!found) throw new Error(`Malformed CSV at ${start}: ${csv.slice(start, start + 100)}`);
    const [, quoted, plain = '', end] = found;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  if (record.length > 0) throw new Error(`Malformed CSV: ${String(record)} has no line break`);
  return records;
}

/** The ways in which CSV differs from an example with the same columns. */
export function deviationsOfCsv(csv: string, example: string): string[] {
  const [header = [], ...records] = parseCsv(csv);
  const [expected = []] = parseCsv(example);
  const columns = String(header) === String(expected) ? [] : [`the columns are ${String(header)}`];
  const odd = records.findIndex((record) => record.length !== expected.length);
  return odd < 0 ? columns : [...columns, `record ${odd + 1} has another number of cells`];
}
