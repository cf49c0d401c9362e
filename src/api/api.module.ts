import { Global, Module } from '@nestjs/common';
import { CursorCodec } from './cursor-codec';
import { KeysetPages } from './keyset-pages';

/** Provides {@link KeysetPages} to every module without an import. */
@Global()
@Module({
  providers: [CursorCodec, KeysetPages],
  exports: [KeysetPages],
})
export class ApiModule {}
