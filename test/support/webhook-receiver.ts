import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

/** A webhook that a receiver has got. */
export interface ReceivedWebhook {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly position: number;
    readonly data: { readonly order_id: number; readonly sequence: number };
  };
  readonly receivedAt: number;
}

type Reply = (webhook: ReceivedWebhook, response: ServerResponse, request: IncomingMessage) => void;

/** A server of somebody who receives webhooks, on 127.0.0.1. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** Responses that wait, see {@link hold}. */
  readonly held: ServerResponse[] = [];
  /** How it responds. */
  reply: Reply = (_, response) => void response.writeHead(204).end();
  /** The number of requests whose responses have not ended, and the most there were at a time. */
  open = 0;
  maxOpen = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => void receiver.receive(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** The ids of what was received, in this order. */
  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  /** The sequences of what was received of an order, in this order. */
  sequencesOf(orderId: number): number[] {
    const ofOrder = this.received.filter(({ event }) => event.data.order_id === orderId);
    return ofOrder.map(({ event }) => event.data.sequence);
  }

  /** From now on, responds at once. */
  respond(status: number, headers: Record<string, string> = {}): void {
    this.reply = (_, response) => void response.writeHead(status, headers).end();
  }

  /** From now on, responses wait for {@link release}. */
  hold(): void {
    this.reply = (_, response) => void this.held.push(response);
  }

  release(status = 200, headers: Record<string, string> = {}): void {
    for (const response of this.held.splice(0)) response.writeHead(status, headers).end();
  }

  clear(): void {
    this.received.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open++;
    this.maxOpen = Math.max(this.maxOpen, this.open);
    response.once('close', () => this.open--);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the sender was killed
    }
    const body = Buffer.concat(chunks).toString();
    const webhook = {
      id: String(request.headers['webhook-id']),
      path: request.url ?? '',
      headers: request.headers,
      body,
      event: JSON.parse(body) as ReceivedWebhook['event'],
      receivedAt: performance.now(),
    };
    this.received.push(webhook);
    this.reply(webhook, response, request);
  }
}

/** Whether a webhook is signed with the secret, by the package of Standard Webhooks. */
export function isSignedWith(secret: string, { headers, body }: ReceivedWebhook): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}
