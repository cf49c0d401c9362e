import { type DynamicModule, Module } from '@nestjs/common';
import { Measurements, NoMeasurements } from '../common/measurements';
import type { AppConfig } from '../config/app-config';

/** Provides {@link Measurements} to every module, and serves the metrics where they are configured. */
@Module({})
export class MetricsModule {
  static forRoot(config: AppConfig): DynamicModule {
    const { port, token } = config.metrics;
    const isServed = port !== undefined || token !== undefined;
    const metadata = isServed
      ? loadServedMetrics().servedMetrics(config)
      : { providers: [{ provide: Measurements, useClass: NoMeasurements }] };
    return { module: MetricsModule, global: true, exports: [Measurements], ...metadata };
  }
}

/** Loads prom-client, which takes 13 MB, only where it is used. */
function loadServedMetrics() {
  return require('./served-metrics') as typeof import('./served-metrics');
}
