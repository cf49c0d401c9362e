import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { SpanExport } from './span-export';
import { TracingLog } from './tracing-log';

function spanOf(scope: string, exception: object): ReadableSpan {
  const status = { code: 2, message: 'invalid input syntax for type bigint: "secret"' };
  const events = [{ name: 'exception', attributes: { ...exception } }];
  const span = { instrumentationScope: { name: scope }, status, attributes: {}, events };
  return span as unknown as ReadableSpan;
}

describe('SpanExport', () => {
  let exported: ReadableSpan[];
  const exporter: SpanExporter = {
    export: (spans, onEnd) => {
      exported.push(...spans);
      onEnd({ code: ExportResultCode.FAILED, error: new Error('no collector') });
    },
    shutdown: () => Promise.resolve(),
  };

  beforeEach(() => (exported = []));

  it('removes messages and stacks of errors, which can contain values', () => {
    const exception = {
      'exception.type': 'ECONNREFUSED',
      'exception.message': 'connect ECONNREFUSED secret',
      'exception.stacktrace': 'Error: secret\n    at secret',
    };
    const onEnd = jest.fn();
    const spans = [spanOf('@opentelemetry/instrumentation-http', exception)];
    new SpanExport(exporter, new TracingLog()).export(spans, onEnd);
    expect(exported).toEqual([
      expect.objectContaining({
        status: { code: 2 },
        events: [{ name: 'exception', attributes: { 'exception.type': 'ECONNREFUSED' } }],
      }),
    ]);
    expect(onEnd).toHaveBeenCalledWith(expect.objectContaining({ code: ExportResultCode.FAILED }));
  });

  it('keeps the codes of PostgreSQL as attributes', () => {
    const message = "PostgreSQL error of type 'error' occurred (code: 42P01)";
    const span = spanOf('@opentelemetry/instrumentation-pg', { 'exception.message': message });
    new SpanExport(exporter, new TracingLog()).export([span], () => undefined);
    expect(exported[0]!.attributes).toEqual({
      'error.type': '42P01',
      'db.response.status_code': '42P01',
    });
    expect(exported[0]!.events).toEqual([{ name: 'exception', attributes: {} }]);
  });
});
