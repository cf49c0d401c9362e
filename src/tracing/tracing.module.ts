import { type DynamicModule, Module } from '@nestjs/common';
import { Tracing } from '../common/tracing';

/** Provides {@link Tracing} to every module. Nest calls the hook of its shutdown. */
@Module({})
export class TracingModule {
  static forRoot(tracing: Tracing): DynamicModule {
    return {
      module: TracingModule,
      global: true,
      providers: [{ provide: Tracing, useValue: tracing }],
      exports: [Tracing],
    };
  }
}
