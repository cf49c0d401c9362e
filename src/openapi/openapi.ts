import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { packageVersion } from '../common/package-file';
import { describeApi } from './openapi-description';
import { RESPONSE_HEADERS } from './openapi-headers';
import {
  HEADERS_OF_PROBLEMS,
  type Operation,
  addHeaders,
  completeOperation,
} from './openapi-operation';
import { ProblemDescriptions } from './openapi-problems';
import { rejectUnknownFields, renameSchemas, takeOptionalMembers } from './openapi-schemas';
import { WEBHOOKS } from './openapi-webhooks';
import { ProblemDetails } from './problem-details.dto';

/** The server in the committed document: one that was started with the defaults. */
const DEFAULT_SERVER = 'http://127.0.0.1:8000';

/**
 * Describes all routes and the errors of each.
 * @param server the URL that the paths are relative to: absolute, or a path of the same origin
 */
export function createOpenApiDocument(
  app: INestApplication,
  server = DEFAULT_SERVER,
): OpenAPIObject {
  const basePath = new URL(server, DEFAULT_SERVER).pathname.replace(/\/$/, '');
  const document = SwaggerModule.createDocument(app, outlineOf(server, basePath), {
    extraModels: [ProblemDetails],
    operationIdFactory: toOperationId,
  });
  renameSchemas(document);
  const schemas = document.components?.schemas ?? {};
  const problem = schemas['Problem'];
  if (!problem || '$ref' in problem) throw new Error('The schema Problem is missing');
  const problems = new ProblemDescriptions(takeOptionalMembers(problem), basePath);
  const operations = operationsOf(document);
  for (const { path, operation } of operations) completeOperation(path, operation, problems);
  for (const response of Object.values(problems.responses)) {
    addHeaders(response, HEADERS_OF_PROBLEMS);
  }
  document.components = {
    ...document.components,
    schemas: { ...schemas, ...problems.schemas },
    responses: problems.responses,
    headers: RESPONSE_HEADERS,
  };
  document.webhooks = WEBHOOKS;
  rejectUnknownFields(document);
  // Modules of other teams have tags that are not listed yet.
  const tags = document.tags ?? [];
  const used = new Set(operations.flatMap(({ operation }) => operation.tags ?? []));
  for (const { name } of tags) used.delete(name);
  document.tags = [...tags, ...Array.from(used, (name) => ({ name }))];
  return document;
}

/** Nest adds only operations to a path. */
function operationsOf({ paths }: OpenAPIObject): { path: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.values(item as Record<string, Operation>).map((operation) => ({ path, operation })),
  );
}

function outlineOf(server: string, basePath: string): Omit<OpenAPIObject, 'paths'> {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Order Management API')
    .setDescription(describeApi(basePath))
    .setVersion(packageVersion())
    .addServer(server)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('Authentication', 'Register, log in and renew tokens')
    .addTag('Sessions', 'List and end your sessions')
    .addTag('Users', 'Your account')
    .addTag('Orders', 'Place, follow and cancel your orders')
    .addTag('Events', 'What happened to your orders, for other systems')
    .addTag('Webhooks', 'Have your events sent to a URL')
    .addTag('Administration', 'For admins')
    .addTag('Health', 'For load balancers and orchestrators')
    .addTag('Problems', 'Pages that explain each error')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .addSecurityRequirements('bearer')
    .build();
  outline.info.contact = { name: 'The operator of this server' };
  return outline;
}

/** The default of a route that declares none: `stockSet` for `StockController.set`. */
function toOperationId(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return `${subject.charAt(0).toLowerCase()}${subject.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}
