import { readFileSync } from 'node:fs';

/** A fenced block of a guide, without its indentation. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The last file that is named before the block. */
  readonly file: string | undefined;
}

const FENCE = /^( *)```(\w+)\n([\s\S]*?)^\1```$/gm;
const FILE = /`((?:src|migrations|test|docs|examples)\/[\w./-]+|[A-Z]+\.md)`/g;

/** Reads the code blocks of a guide in Markdown. */
export function codeBlocksOf(path: string): CodeBlock[] {
  const guide = readFileSync(path, 'utf8');
  return Array.from(
    guide.matchAll(FENCE),
    ({ 1: indent = '', 2: language = '', 3: code = '', index }) => ({
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      file: Array.from(guide.slice(0, index).matchAll(FILE), ([, file]) => file).at(-1),
    }),
  );
}
