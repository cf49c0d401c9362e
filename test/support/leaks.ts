/** Internals that no response may contain. In JSON a line break is written as `\n`. */
const LEAKS: Readonly<Record<string, RegExp>> = {
  'a stack frame': /\bat [^"\n]*(?:\.[cm]?[jt]s|<anonymous>|\bnode:[\w/]+):\d+:\d+/,
  'the path of a source file': /\bnode_modules\b|\/dist\/src\//,
  SQL: /\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.+\bSET\b|\bDELETE FROM\b/,
  'an error of the database': /\bSQLITE_[A-Z]+|\bQueryFailedError\b|\bsyntax error at or near\b/,
  'a password hash': /\$2[aby]\$\d\d\$/,
};

/** Lists the internals of the server that a response reveals. */
export function leaksIn(body: string): string[] {
  return Object.keys(LEAKS).filter((leak) => LEAKS[leak]!.test(body));
}
