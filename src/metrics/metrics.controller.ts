import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../api/access.decorators';
import { PROMETHEUS_TEXT } from './metric-definitions';
import { MetricsText } from './metrics-text';
import { MetricsTokenGuard } from './metrics-token.guard';

/**
 * Serves the metrics on the main port, when `METRICS_TOKEN` is set. The OpenAPI document leaves it out:
 * it describes what clients of the API rely on, and this route is for the operators of an instance.
 */
@ApiExcludeController()
@Public() // has a token of its own
@UseGuards(MetricsTokenGuard)
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsText) {}

  @Get()
  @Header('Content-Type', PROMETHEUS_TEXT)
  get(): Promise<string> {
    return this.metrics.get();
  }
}
