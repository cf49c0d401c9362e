import { Global, Module } from '@nestjs/common';
import { CursorCodec } from './cursor-codec';
import { KeysetPages } from './keyset-pages';

/** Pages of lists, which every module may inject without importing anything. */
@Global()
@Module({
  providers: [CursorCodec, KeysetPages],
  exports: [KeysetPages],
})
export class ApiModule {}
