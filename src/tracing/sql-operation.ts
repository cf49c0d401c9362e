/** The first word of a statement, such as `SELECT`. */
export function operationOf(sql: string): string {
  return /\w+/.exec(sql)?.[0].toUpperCase() ?? 'SQL';
}
