/** A name or an address, and an optional port (RFC 3986, section 3.2). */
export const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/** Visible ASCII without `#`: a target has no fragment, and other characters are percent-encoded. */
const TARGET = /^[!"$-~]+$/;

const ABSOLUTE_FORM = /^https?:\/\/([^/?:][^/?]*)(.*)$/i;

/** A parsed request target. */
export interface RequestTarget {
  /** Path and query, or `*`. Every URL parser accepts it. */
  readonly url: string;
  /** The host of a target in absolute form. It replaces the `Host` header. */
  readonly host?: string;
}

/**
 * Parses the target of a request (RFC 9112, section 3.2), except that of CONNECT.
 * @returns undefined when the target is malformed
 */
export function parseRequestTarget(method: string, target: string): RequestTarget | undefined {
  if (!TARGET.test(target)) return undefined;
  if (target.startsWith('/')) return { url: target };
  if (target === '*') return method === 'OPTIONS' ? { url: target } : undefined;
  const [, host, rest = ''] = ABSOLUTE_FORM.exec(target) ?? [];
  if (host === undefined || !HOST.test(host)) return undefined;
  return { url: rest.startsWith('/') ? rest : `/${rest}`, host };
}
