import { IsIn } from 'class-validator';
import { IsCollectorUrl, IsIntegerBetween, IsRatio } from './environment-rules';

const TRACES_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The environment variables of the export of traces. Names and defaults are those of OpenTelemetry. */
export class TracingEnvironment {
  @IsCollectorUrl()
  OTEL_EXPORTER_OTLP_ENDPOINT = '';

  @IsCollectorUrl() // complete, with its path
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = '';

  @IsIntegerBetween(1, 600_000)
  OTEL_EXPORTER_OTLP_TIMEOUT = 10_000;

  @IsIn(['none', 'gzip'])
  OTEL_EXPORTER_OTLP_COMPRESSION: 'none' | 'gzip' = 'none';

  @IsIn(TRACES_SAMPLERS)
  OTEL_TRACES_SAMPLER: (typeof TRACES_SAMPLERS)[number] = 'parentbased_always_on';

  @IsRatio()
  OTEL_TRACES_SAMPLER_ARG = 1;

  @IsIntegerBetween(1, 3_600_000)
  OTEL_BSP_SCHEDULE_DELAY = 5_000;

  @IsIntegerBetween(1, 3_600_000)
  OTEL_BSP_EXPORT_TIMEOUT = 30_000;

  @IsIntegerBetween(1, 100_000)
  OTEL_BSP_MAX_QUEUE_SIZE = 2_048;

  @IsIntegerBetween(1, 100_000)
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE = 512;
}
