import { Global, Module } from '@nestjs/common';
import { Clock } from './clock';
import { CursorCodec } from './cursor-codec';

/** What every module may inject without importing anything. */
@Global()
@Module({ providers: [Clock, CursorCodec], exports: [Clock, CursorCodec] })
export class CommonModule {}
