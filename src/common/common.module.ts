import { Global, Module } from '@nestjs/common';
import { Clock } from './clock';
import { ShutdownState } from './shutdown-state';

/** Providers that every module can inject without an import. */
@Global()
@Module({
  providers: [Clock, ShutdownState],
  exports: [Clock, ShutdownState],
})
export class CommonModule {}
