import { Global, Module } from '@nestjs/common';
import { Clock } from './clock';
import { CursorCodec } from './cursor-codec';
import { ShutdownState } from './shutdown-state';

/** What every module may inject without importing anything. */
@Global()
@Module({
  providers: [Clock, CursorCodec, ShutdownState],
  exports: [Clock, CursorCodec, ShutdownState],
})
export class CommonModule {}
