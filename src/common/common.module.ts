import { Global, Module } from '@nestjs/common';
import { Clock } from './clock';
import { CursorCodec } from './cursor-codec';
import { KeysetPages } from './keyset-pages';
import { ShutdownState } from './shutdown-state';

/** What every module may inject without importing anything. */
@Global()
@Module({
  providers: [Clock, CursorCodec, KeysetPages, ShutdownState],
  exports: [Clock, CursorCodec, KeysetPages, ShutdownState],
})
export class CommonModule {}
