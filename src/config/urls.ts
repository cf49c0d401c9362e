/**
 * A reserved character in a password that is not percent-encoded ends the authority of the URL, and the
 * rest of the password would be logged as the path.
 */
const HAS_UNENCODED_CREDENTIALS = /^\w+:\/\/[^/?#]*[/?#].*@|#/;

/** @returns undefined when the value is not a valid `DATABASE_URL` */
export function parsePostgresUrl(value: string): URL | undefined {
  if (!/^postgres(ql)?:\/\/./.test(value) || HAS_UNENCODED_CREDENTIALS.test(value))
    return undefined;
  try {
    // Like the driver: the host may be empty when the parameter `host` is the folder of a Unix socket.
    const url = new URL(value.replace('@/', '@localhost/'));
    decodeURIComponent(url.username + url.password + url.hostname + url.pathname);
    return isPort(url.searchParams.get('port') ?? '') ? url : undefined;
  } catch {
    return undefined;
  }
}

export function isRedisUrl(value: string): boolean {
  if (HAS_UNENCODED_CREDENTIALS.test(value)) return false;
  try {
    const { protocol, hostname, username, password, pathname } = new URL(value);
    decodeURIComponent(username + password);
    return /^rediss?:$/.test(protocol) && hostname !== '' && /^(\/\d*)?$/.test(pathname);
  } catch {
    return false;
  }
}

export function isHttpUrlWithoutCredentials(value: string): boolean {
  if (!/^https?:\/\/[^?#\s\\]+$/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username + password === '';
}

function isPort(value: string): boolean {
  return /^\d*$/.test(value) && Number(value) <= 65_535;
}
