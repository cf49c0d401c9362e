import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AppConfig } from '../config/app-config';
import { createOpenApiDocument } from './openapi';

/** The paths of the OpenAPI document and its explorer, which the document does not describe. */
export const DOCUMENT_PATH = 'openapi.json';
export const EXPLORER_PATH = 'docs';

/** Serves the OpenAPI document and its explorer. */
export function setUpOpenApi(app: INestApplication): void {
  const { publicUrl } = app.get<AppConfig>(AppConfig).http;
  serveDocument(app, publicUrl);
  // The explorer calls its own origin, because its security policy rejects every other.
  const basePath = publicUrl === undefined ? '/' : new URL(publicUrl).pathname;
  SwaggerModule.setup(EXPLORER_PATH, app, () => createOpenApiDocument(app, basePath), {
    raw: false,
    customSiteTitle: 'Order Management API',
    customCss: CSS,
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
    },
  });
}

/**
 * Keeps an expanded operation short: errors that many operations have are one line with a link, and
 * other errors show an example without headers and choices. Long examples, and parameters that are objects,
 * scroll.
 */
const CSS = `
.swagger-ui :is(.topbar, .servers, .servers-title, .response-col_links) { display: none }
.swagger-ui tr[data-param-name] textarea { min-height: 6em; height: 6em }
.swagger-ui tr.response[data-code^="2"] pre.example { max-height: 16em }
.swagger-ui tr.response:not([data-code^="2"]) {
  :is(.headers-wrapper, .response-control-media-type, .tab) { display: none }
  .response-controls:not(:has(option:nth-child(2))) { display: none }
  .model-example { margin-top: 0.5em }
  pre.example { max-height: 8em; margin: 0 }
  &[data-code="400"] pre.example { max-height: 11em }
}
.swagger-ui tr.response:is(${['401', '413', '415', '422', '429', '500', '503']
  .map((status) => `[data-code="${status}"]`)
  .join(', ')}) :is(.model-example, .response-controls) { display: none }
.swagger-ui .info pre { overflow-x: auto }
`;

/** Replaced by the URL of the server in each response, so that the document is serialised once. */
const SERVER = 'https://server.invalid';

function serveDocument(app: INestApplication, publicUrl: string | undefined): void {
  let parts: string[] | undefined;
  app.getHttpAdapter().get(`/${DOCUMENT_PATH}`, (request: Request, response: Response) => {
    parts ??= JSON.stringify(createOpenApiDocument(app, publicUrl ?? SERVER)).split(SERVER);
    response.type('application/json').send(parts.join(serverOf(request)));
  });
}

/** Stricter than HTTP, because generated clients contain the host as code. */
const PLAIN_HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** The URL that the client used; behind a trusted proxy, the one that the proxy reports. */
function serverOf({ protocol, host }: Request): string {
  // Express validates neither of the two that a proxy reports.
  const isPlain = /^https?$/.test(protocol) && host !== undefined && PLAIN_HOST.test(host);
  return isPlain ? `${protocol}://${host}` : '/';
}
