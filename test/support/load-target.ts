import { Agent } from 'node:http';
import type { ApiClient } from './api-client';
import { type LoadRequest, type Outcome, send } from './http-load';
import { ServerFleet } from './server-fleet';

/** One server that a suite puts under load, with connections of its own for single requests. */
export class LoadTarget {
  private client: ApiClient | undefined;
  private readonly agent = new Agent({ keepAlive: true });

  /** Starts the server before the tests of the enclosing `describe`, and stops it after them. */
  static forSuite(environment: Record<string, string>): LoadTarget {
    const target = new LoadTarget();
    afterAll(() => target.agent.destroy());
    const fleet = ServerFleet.forSuite(environment);
    beforeAll(async () => {
      target.client = (await fleet.start()).api;
    });
    return target;
  }

  get api(): ApiClient {
    if (!this.client)
      throw new Error('The server starts in beforeAll, and is not available earlier');
    return this.client;
  }

  get(path: string, token?: string): LoadRequest {
    return { url: this.api.url, method: 'GET', path, token };
  }

  post(path: string, body: object, token?: string): LoadRequest {
    return { url: this.api.url, method: 'POST', path, token, body };
  }

  /** Sends one request. Never rejects. */
  send(request: LoadRequest, giveUpAfterMs?: number): Promise<Outcome> {
    return send(request, this.agent, giveUpAfterMs);
  }
}
