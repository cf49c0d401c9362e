/** How many characters of a path are logged and repeated in problem documents. */
const MAX_LENGTH = 500;

/** Shortens what a client chose, so that it cannot fill the log. */
export function shorten(text: string, maxLength = MAX_LENGTH): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
