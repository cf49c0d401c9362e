import type { ModuleMetadata } from '@nestjs/common';
import { Measurements } from '../common/measurements';
import { packageVersion } from '../common/package-file';
import type { AppConfig } from '../config/app-config';
import { OrdersModule } from '../orders/orders.module';
import { BacklogGauges } from './backlog-gauges';
import { MetricsServer } from './metrics-server';
import { MetricsText } from './metrics-text';
import { MetricsTokenGuard } from './metrics-token.guard';
import { MetricsController } from './metrics.controller';
import { PrometheusMetrics } from './prometheus-metrics';

/** What the module of the metrics contains when they are served. */
export function servedMetrics({ database, metrics }: AppConfig): ModuleMetadata {
  const info = {
    version: packageVersion(),
    node_version: process.version,
    database: database.target.kind,
  };
  return {
    imports: [OrdersModule],
    controllers: metrics.token === undefined ? [] : [MetricsController],
    providers: [
      { provide: PrometheusMetrics, useFactory: () => new PrometheusMetrics(info) },
      { provide: Measurements, useExisting: PrometheusMetrics },
      BacklogGauges,
      MetricsText,
      MetricsServer,
      MetricsTokenGuard,
    ],
  };
}
