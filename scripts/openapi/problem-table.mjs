import { PROBLEM_CATALOGUE } from '../../dist/src/errors/problem-catalogue.js';

const BEGIN =
  '<!-- The table is made from src/errors/problem-catalogue.ts by npm run openapi. -->\n';
const END = '<!-- The end of the table. -->\n';

/**
 * Replaces the table of all problems in a guide.
 * @param {string} guide in Markdown
 * @returns {string}
 */
export function withProblemTable(guide) {
  const [head, rest] = guide.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) throw new Error('The guide has no markers for the table of problems');
  const rows = Object.entries(PROBLEM_CATALOGUE).map(
    ([code, { status, meaning, remedy }]) => `| \`${code}\` | ${status} | ${meaning} | ${remedy} |`,
  );
  const table = ['| code | status | what it means | what to do |', '| - | - | - | - |', ...rows];
  return `${head}${BEGIN}\n${table.join('\n')}\n\n${END}${tail}`;
}
