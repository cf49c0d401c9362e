import { STATUS_CODES } from 'node:http';
import type { ProblemCatalogue, ProblemDescription } from '../errors/problem-catalogue';
import { titleOf } from '../errors/problem-details';

const STYLE =
  'body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#222}' +
  'code{background:#eee;padding:.1em .3em;border-radius:3px}' +
  'h2{font-size:1.1rem;margin:1.5rem 0 0}p{margin:.3rem 0}nav{margin-top:2rem}' +
  'td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}';

/**
 * The HTML page that explains one problem, without scripts.
 * @param root the relative path from the page to the root of the API, such as `../`
 */
export function problemPage(code: string, problem: ProblemDescription, root: string): string {
  const { status, meaning, remedy } = problem;
  const reason = STATUS_CODES[status] ?? '';
  return page(
    titleOf(code),
    `<p><code>${escapeHtml(code)}</code>, status ${status} ${escapeHtml(reason)}</p>
<h2>What it means</h2>
<p>${toHtml(meaning)}</p>
<h2>What to do</h2>
<p>${toHtml(remedy)}</p>
<nav><a href="${root}problems">All problems</a> · <a href="${root}docs">API reference</a></nav>`,
  );
}

/**
 * The HTML page that lists all problems.
 * @param root the relative path from the page to the root of the API, such as `../`
 */
export function problemIndexPage(catalogue: ProblemCatalogue, root: string): string {
  const rows = Object.entries(catalogue).map(
    ([code, { status, meaning }]) =>
      `<tr><td><a href="${root}problems/${escapeHtml(code)}"><code>${escapeHtml(code)}</code></a></td>` +
      `<td>${status}</td><td>${toHtml(meaning)}</td></tr>`,
  );
  return page(
    'Problems',
    `<p>Every error is a problem document (RFC 9457). Its <code>type</code> links to one of these pages,
and its <code>code</code> never changes. The <a href="${root}docs">API reference</a> shows which operation
responds with which.</p>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)} - Order Management API</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;
}

/** Escapes plain text, and marks the parts between backticks as code. */
function toHtml(plain: string): string {
  return escapeHtml(plain).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(plain: string): string {
  return plain.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
