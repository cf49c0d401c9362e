import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { RESPONSE_HEADERS } from './openapi-headers';
import { type Operation, completeOperation } from './openapi-operation';
import { refuseUnknownFields } from './openapi-schemas';
import { ProblemDetails } from './problem-details.dto';

const DESCRIPTION = `
Accounts, orders, and a background job that fulfils them.

**Try it:** register, log in, press *Authorize* with the access token, then place an order. The
examples work as they stand.

An order is \`pending\` until the job takes it up, usually within two minutes:

\`\`\`
pending ──▶ processing ──▶ completed
  │ ▲          │ │
  │ └──────────┘ └────────▶ failed      (after the last attempt)
  │   (another attempt)
  └───────────────────────▶ cancelled   (by its owner)
\`\`\`

- **Errors** are problem documents (RFC 9457) with a stable \`code\`.
- **Lists** come in pages: follow \`Link: <…>; rel="next"\`, or pass \`next_cursor\` as \`cursor\`.
- **Retries** are safe: \`POST /orders\` with an \`Idempotency-Key\` places one order, however often it
  is sent.
- **Versions:** \`ETag\` and \`If-None-Match\` spare an answer that did not change, and \`If-Match\`
  cancels an order only as it was seen.
- **Limits** are told in \`RateLimit\` headers. Answers with 429 and 503 say in \`Retry-After\` when to
  come back.
`;

/** Where the OpenAPI document and its explorer are served, which it does not describe itself. */
export const DOCUMENT_PATH = 'openapi.json';
export const EXPLORER_PATH = 'docs';

/** Serves the OpenAPI document and its explorer. */
export function setUpOpenApi(app: INestApplication): void {
  SwaggerModule.setup(EXPLORER_PATH, app, () => createOpenApiDocument(app), {
    jsonDocumentUrl: DOCUMENT_PATH,
    raw: ['json'],
    customSiteTitle: 'Order Management API',
    customCss: '.swagger-ui :is(.topbar, .servers, .servers-title) { display: none }',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
    },
  });
}

/** Describes all routes, together with the errors that any of them can give. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Order Management API')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1.0.0')
    .addServer('/')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('Authentication', 'Open an account, and get a token')
    .addTag('Sessions', 'See where you are logged in, and log out')
    .addTag('Users', 'Your account')
    .addTag('Orders', 'Place, follow and cancel your orders')
    .addTag('Administration', 'For admins')
    .addTag('Health', 'For load balancers and orchestrators')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, outline, {
    extraModels: [ProblemDetails],
    operationIdFactory: (controller, method) =>
      `${toSnakeCase(controller.replace(/Controller$/, ''))}_${toSnakeCase(method)}`,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.patch, path.put, path.delete]) {
      if (operation) completeOperation(operation as Operation);
    }
  }
  document.components = { ...document.components, headers: RESPONSE_HEADERS };
  refuseUnknownFields(document);
  return document;
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}
