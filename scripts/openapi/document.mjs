import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../dist/src/app.module.js';
import { createOpenApiDocument } from '../../dist/src/openapi/openapi.js';
import { loadConfig } from '../../dist/src/config/app-config.js';

/** Creates the document that the build serves, without a database and without a listening server. */
export async function describeBuild() {
  const root = AppModule.forRoot(loadConfig({ NODE_ENV: 'test' }));
  const app = await NestFactory.create(root, { preview: true, logger: ['error'] });
  try {
    // The document as clients receive it.
    return JSON.parse(JSON.stringify(createOpenApiDocument(app)));
  } finally {
    await app.close();
  }
}
