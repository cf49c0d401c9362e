import { createHmac } from 'node:crypto';
import { PASSWORD } from './passwords';
import { JWT_SECRET, type Server } from './servers';
import { USERS, emailOf } from './seed';

export interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** The number of logins that are sent at the same time. */
const SIMULTANEOUS_LOGINS = 4;

let logins = 0;

/** An access token of each user, in the order of their ids. */
export async function accessTokens(server: Server): Promise<string[]> {
  if (server.contender !== 'this') return signTokens();
  const sessions = await logIn(server, USERS);
  return sessions.map(({ access_token }) => access_token);
}

/** Logs in users, in the order of their ids, each from an address of its own. */
export async function logIn(server: Server, count: number): Promise<Session[]> {
  const sessions: Session[] = [];
  let next = 0;
  const logInNext = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      sessions[index] = await logInUser(server, (index % USERS) + 1);
    }
  };
  await Promise.all(Array.from({ length: SIMULTANEOUS_LOGINS }, logInNext));
  return sessions;
}

async function logInUser({ url }: Server, user: number): Promise<Session> {
  const address = `10.0.${((logins / 256) % 16) | 0}.${logins++ % 256}`;
  const response = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
    body: JSON.stringify({ email: emailOf(user), password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`Login failed: ${await response.text()}`);
  return (await response.json()) as Session;
}

/** Tokens with a signature and an expiry, as other contenders verify them. */
function signTokens(): string[] {
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  return Array.from({ length: USERS }, (_, index) => {
    const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: `${index + 1}`, exp })}`;
    const signature = createHmac('sha256', JWT_SECRET).update(unsigned).digest('base64url');
    return `${unsigned}.${signature}`;
  });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
