import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ProtobufMessage } from './protobuf';
import { waitUntil } from './wait-until';

type Attributes = Record<string, unknown>;

/** The values of `SpanKind` in OTLP. */
export const SPAN_KIND = { internal: 1, server: 2, client: 3, consumer: 5 } as const;

/** The value of `StatusCode` in OTLP. */
export const STATUS_ERROR = 2;

/** A span as the collector has received it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly events: readonly Attributes[];
  readonly status: { readonly code: number; readonly message: string };
  readonly resource: Attributes;
}

/** Receives traces over OTLP (HTTP with Protocol Buffers), on a free port of 127.0.0.1. */
export class OtlpCollector {
  readonly spans: ReceivedSpan[] = [];
  /** The bodies of all requests. */
  readonly bodies: Buffer[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** How requests are responded to. */
  behaviour: 'accept' | 'reject' | 'hang' = 'accept';
  private server!: Server;

  /** A collector for each test of the enclosing `describe`. */
  static forEachTest(): OtlpCollector {
    const collector = new OtlpCollector();
    beforeEach(() => collector.start());
    afterEach(() => collector.stop());
    return collector;
  }

  /** The variables of a server that exports its traces here, soon after they have ended. */
  get environment(): Record<string, string> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.url, OTEL_BSP_SCHEDULE_DELAY: '20' };
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  spansOf(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  /** Waits for a span. */
  async span(isWanted: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> {
    await waitUntil(() => this.spans.some(isWanted), {
      description: () => `a span among ${JSON.stringify(this.spans.map(({ name }) => name))}`,
    });
    return this.spans.find(isWanted)!;
  }

  /** Ends, as when it is away. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async start(): Promise<void> {
    this.spans.length = this.bodies.length = this.headers.length = 0;
    this.behaviour = 'accept';
    this.server = createServer((request, response) => {
      this.headers.push(request.headers);
      void buffer(request).then((body) => this.receive(request.url, body, response));
    });
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
  }

  private receive(path: string | undefined, body: Buffer, response: ServerResponse): void {
    this.bodies.push(body);
    if (this.behaviour === 'hang') return;
    const isAccepted = this.behaviour === 'accept' && path === '/v1/traces';
    if (isAccepted) this.spans.push(...readSpans(body));
    response.writeHead(isAccepted ? 200 : 400, { 'Content-Type': 'application/x-protobuf' }).end();
  }
}

// The numbers of the fields: https://github.com/open-telemetry/opentelemetry-proto

function readSpans(body: Buffer): ReceivedSpan[] {
  return new ProtobufMessage(body).messages(1).flatMap((resourceSpans) => {
    const resource = attributesOf(resourceSpans.message(1), 1);
    return resourceSpans
      .messages(2)
      .flatMap((scopeSpans) => scopeSpans.messages(2).map((span) => readSpan(span, resource)));
  });
}

function readSpan(span: ProtobufMessage, resource: Attributes): ReceivedSpan {
  const status = span.message(15);
  return {
    traceId: span.hex(1),
    spanId: span.hex(2),
    parentSpanId: span.hex(4),
    name: span.string(5),
    kind: span.number(6),
    attributes: attributesOf(span, 9),
    events: span.messages(11).map((event) => attributesOf(event, 3)),
    status: { code: status?.number(3) ?? 0, message: status?.string(2) ?? '' },
    resource,
  };
}

function attributesOf(message: ProtobufMessage | undefined, field: number): Attributes {
  const attributes = message?.messages(field) ?? [];
  return Object.fromEntries(attributes.map((each) => [each.string(1), valueOf(each.message(2))]));
}

function valueOf(value: ProtobufMessage | undefined): unknown {
  if (value?.has(1)) return value.string(1);
  if (value?.has(2)) return value.number(2) === 1;
  if (value?.has(3)) return value.number(3);
  if (value?.has(4)) return value.double(4);
  return value?.message(5)?.messages(1).map(valueOf);
}
