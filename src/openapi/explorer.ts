import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AppConfig } from '../config/app-config';
import { createOpenApiDocument } from './openapi';

/** Where the OpenAPI document and its explorer are served, which it does not describe itself. */
export const DOCUMENT_PATH = 'openapi.json';
export const EXPLORER_PATH = 'docs';

/** Serves the OpenAPI document and its explorer. */
export function setUpOpenApi(app: INestApplication): void {
  const { publicUrl } = app.get<AppConfig>(AppConfig).http;
  serveDocument(app, publicUrl);
  // The explorer calls the origin it was loaded from; others are refused by its security policy.
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
 * Keeps an opened operation short. The errors of every operation are one line with a link each, other
 * errors have an example without the headers and choices that all of them share.
 */
const CSS = `
.swagger-ui :is(.topbar, .servers, .servers-title, .response-col_links) { display: none }
.swagger-ui tr.response:not([data-code^="2"]) {
  :is(.headers-wrapper, .response-control-media-type, .tab) { display: none }
  .response-controls:not(:has(option:nth-child(2))) { display: none }
  .model-example { margin-top: 0.5em }
  pre.example { max-height: 9em; margin: 0 }
  &[data-code="400"] pre.example { max-height: 16em }
}
.swagger-ui tr.response:is(${['401', '413', '415', '429', '500', '503']
  .map((status) => `[data-code="${status}"]`)
  .join(', ')}) :is(.model-example, .response-controls) { display: none }
.swagger-ui .info pre { overflow-x: auto }
`;

/** Stands for the URL of the server while the document is in text form. */
const SERVER = 'https://server.invalid';

/** Makes the text of the document once, and only the URL of the server for each request. */
function serveDocument(app: INestApplication, publicUrl: string | undefined): void {
  let parts: string[] | undefined;
  app.getHttpAdapter().get(`/${DOCUMENT_PATH}`, (request: Request, response: Response) => {
    parts ??= JSON.stringify(createOpenApiDocument(app, SERVER)).split(SERVER);
    const url = JSON.stringify(publicUrl ?? serverOf(request)).slice(1, -1);
    response.type('application/json').send(parts.join(url));
  });
}

/** Narrower than HTTP allows: generated clients contain the host as code. */
const PLAIN_HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** The URL of the server as the client has used it; behind trusted proxies, as they report it. */
function serverOf({ protocol, host }: Request): string {
  // Express checks neither of what a proxy reports.
  const isPlain = /^https?$/.test(protocol) && host !== undefined && PLAIN_HOST.test(host);
  return isPlain ? `${protocol}://${host}` : '/';
}
