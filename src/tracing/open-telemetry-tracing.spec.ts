import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryTracing } from './open-telemetry-tracing';
import { TracingLog } from './tracing-log';

describe('OpenTelemetryTracing', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const tracing = new OpenTelemetryTracing(provider, new TracingLog());

  const names = () => exporter.getFinishedSpans().map(({ name }) => name);

  afterEach(() => exporter.reset());
  afterAll(() => provider.shutdown());

  it('traces statements after the end of the span that they belong to', async () => {
    const statement = jest.fn(() => Promise.resolve());
    let goOn = () => {};
    const done = new Promise<void>((resolve) => {
      void tracing.trace('work', {}, () => {
        goOn = tracing.bind(
          () => void tracing.statement('sqlite', 'SELECT 1', statement).then(resolve),
        );
        return Promise.resolve();
      });
    });
    await Promise.resolve();
    expect(names()).toEqual(['work']);
    goOn();
    await done;
    const [work, select] = exporter.getFinishedSpans();
    expect(select).toMatchObject({ name: 'SELECT' });
    expect(select!.parentSpanContext).toEqual(work!.spanContext());
  });

  it('has no spans of statements outside of traces', async () => {
    await tracing.statement('sqlite', 'SELECT 1', () => Promise.resolve());
    expect(names()).toEqual([]);
  });
});
