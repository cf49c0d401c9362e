import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PUBLIC_OPERATION } from './access.decorators';
import { type ProblemResponse, problemResponses } from './api-problems.decorator';
import {
  InternalError,
  InvalidTokenError,
  MalformedBodyError,
  PayloadTooLargeError,
  ServiceUnavailableError,
  UnauthenticatedError,
  UnsupportedMediaTypeError,
  ValidationFailedError,
} from './common.errors';
import type { DomainError } from './domain-error';
import { MAX_BODY_KILOBYTES } from './json-body';
import { ProblemDetails } from './problem-details.dto';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { [PUBLIC_OPERATION]?: true };

const DESCRIPTION = `
Accounts, orders, and a background job that fulfils them.

**Try it:** register, log in, press *Authorize* with the access token, then place an order.

An order is \`pending\` until the job takes it up, usually within two minutes:

\`\`\`
pending ──▶ processing ──▶ completed
  │ ▲          │ │
  │ └──────────┘ └────────▶ failed      (after the last attempt)
  │   (another attempt)
  └───────────────────────▶ cancelled   (by its owner)
\`\`\`

Every error is a problem document (RFC 9457) with a stable \`code\`.
`;

/** Serves the OpenAPI document at `/openapi.json` and its explorer at `/docs`. */
export function setUpOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => createOpenApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Order Management API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}

/** Describes all routes, together with the errors that any of them can give. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Order Management API')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('Authentication', 'Open an account, and get a token')
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
      `${controller.replace(/Controller$/, '').toLowerCase()}_${method}`,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.patch, path.put, path.delete]) {
      if (operation) completeOperation(operation);
    }
  }
  return document;
}

/** Adds what follows from the global guards, pipes and filters. */
function completeOperation(operation: Operation): void {
  const isPublic = operation[PUBLIC_OPERATION] ?? false;
  delete operation[PUBLIC_OPERATION];
  if (isPublic) operation.security = [];
  const errors: DomainError[] = [
    new ValidationFailedError([{ field: 'limit', message: 'limit must not be greater than 100' }]),
    new InternalError(),
    new ServiceUnavailableError(),
  ];
  if (!isPublic) errors.push(new UnauthenticatedError(), new InvalidTokenError());
  if (operation.requestBody) {
    errors.push(
      new MalformedBodyError(),
      new PayloadTooLargeError(MAX_BODY_KILOBYTES),
      new UnsupportedMediaTypeError(),
    );
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response && 'description' in response) response.description ||= STATUS_CODES[status] ?? '';
  }
  for (const [status, common] of Object.entries(problemResponses(errors))) {
    const own = operation.responses[status] as ProblemResponse | undefined;
    operation.responses[status] = own ? merge(own, common) : common;
  }
}

function merge(own: ProblemResponse, common: ProblemResponse): ProblemResponse {
  const mediaType = 'application/problem+json';
  return {
    description: `${own.description} · ${common.description}`,
    headers: { ...own.headers, ...common.headers },
    content: {
      [mediaType]: {
        ...own.content[mediaType],
        examples: { ...own.content[mediaType].examples, ...common.content[mediaType].examples },
      },
    },
  };
}
