import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PUBLIC_OPERATION } from './access.decorators';
import {
  type HeaderDescription,
  type ProblemResponse,
  problemResponses,
} from './api-problems.decorator';
import {
  InternalError,
  InvalidTokenError,
  MalformedBodyError,
  PayloadTooLargeError,
  RateLimitedError,
  ServiceUnavailableError,
  UnauthenticatedError,
  UnsupportedMediaTypeError,
  ValidationFailedError,
} from './common.errors';
import type { DomainError } from './domain-error';
import { MAX_BODY_KILOBYTES } from './json-body';
import { LIMITED_OPERATION } from './limit-by-address.decorator';
import { ProblemDetails } from './problem-details.dto';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [PUBLIC_OPERATION]?: true;
  [LIMITED_OPERATION]?: true;
};

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
    customCss: '.swagger-ui .topbar { display: none }',
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
    .setVersion('1.0')
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
  const isLimited = !isPublic || operation[LIMITED_OPERATION];
  delete operation[PUBLIC_OPERATION];
  delete operation[LIMITED_OPERATION];
  if (isPublic) operation.security = [];
  const errors: DomainError[] = [
    new ValidationFailedError([{ field: 'limit', message: 'limit must not be greater than 100' }]),
    new InternalError(),
    new ServiceUnavailableError(),
  ];
  if (!isPublic) errors.push(new UnauthenticatedError(), new InvalidTokenError());
  if (isLimited) errors.push(new RateLimitedError(1));
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
  if (isLimited) describeLimits(operation);
}

function describeLimits({ responses }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    const isCounted = status.startsWith('2') || status === '429';
    if (isCounted && response && 'description' in response) {
      response.headers = { ...response.headers, ...RATE_LIMIT };
    }
  }
}

/** Structured fields of draft-ietf-httpapi-ratelimit-headers-10. */
const RATE_LIMIT: Record<string, HeaderDescription> = {
  'RateLimit-Policy': {
    description: 'The limit that applies: `q` requests in `w` seconds.',
    required: false,
    schema: { type: 'string', example: '"user";q=1000;w=10' },
  },
  RateLimit: {
    description: 'What is left of it: `r` requests in the next `t` seconds.',
    required: false,
    schema: { type: 'string', example: '"user";r=999;t=10' },
  },
};

function merge(own: ProblemResponse, common: ProblemResponse): ProblemResponse {
  const mediaType = 'application/problem+json';
  return {
    description: `${own.description} · ${common.description}`,
    ...((own.headers ?? common.headers) && { headers: { ...own.headers, ...common.headers } }),
    content: {
      [mediaType]: {
        ...own.content[mediaType],
        examples: { ...own.content[mediaType].examples, ...common.content[mediaType].examples },
      },
    },
  };
}
