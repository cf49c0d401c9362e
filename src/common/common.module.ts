import { Global, Module } from '@nestjs/common';
import { Clock } from './clock';
import { ShutdownState } from './shutdown-state';

/** Providers that every module may inject without importing anything. */
@Global()
@Module({
  providers: [Clock, ShutdownState],
  exports: [Clock, ShutdownState],
})
export class CommonModule {}
