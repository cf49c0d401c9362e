import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { packageVersion } from '../common/package-version';
import { DESCRIPTION } from './openapi-description';
import { RESPONSE_HEADERS } from './openapi-headers';
import {
  HEADERS_OF_PROBLEMS,
  type Operation,
  addHeaders,
  completeOperation,
} from './openapi-operation';
import { ProblemDescriptions } from './openapi-problems';
import { refuseUnknownFields, renameSchemas, takeOptionalMembers } from './openapi-schemas';
import { ProblemDetails } from './problem-details.dto';

/** Where the API is in the committed document: a server that was started with the defaults. */
const DEFAULT_SERVER = 'http://127.0.0.1:8000';

/**
 * Describes all routes, together with the errors that any of them can give.
 * @param server the URL that paths are relative to
 */
export function createOpenApiDocument(
  app: INestApplication,
  server = DEFAULT_SERVER,
): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, outlineOf(server), {
    extraModels: [ProblemDetails],
    operationIdFactory: toOperationId,
  });
  renameSchemas(document);
  const schemas = document.components?.schemas ?? {};
  const problem = schemas['Problem'];
  if (!problem || '$ref' in problem) throw new Error('There is no schema of problems');
  const problems = new ProblemDescriptions(takeOptionalMembers(problem));
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of [item.get, item.post, item.patch, item.put, item.delete]) {
      if (operation) completeOperation(path, operation as Operation, problems);
    }
  }
  for (const response of Object.values(problems.responses)) {
    addHeaders(response, HEADERS_OF_PROBLEMS);
  }
  document.components = {
    ...document.components,
    schemas: { ...schemas, ...problems.schemas },
    responses: problems.responses,
    headers: RESPONSE_HEADERS,
  };
  refuseUnknownFields(document);
  document.tags = [...(document.tags ?? []), ...tagsOfExtensions(document)];
  return document;
}

/** Tags that only operations name, as those of modules of other teams. */
function tagsOfExtensions({ paths, tags = [] }: OpenAPIObject): { name: string }[] {
  const operations = Object.values(paths).flatMap(({ get, post, patch, put, delete: remove }) =>
    [get, post, patch, put, remove].flatMap((operation) => operation?.tags ?? []),
  );
  const known = new Set(tags.map(({ name }) => name));
  return [...new Set(operations)].filter((name) => !known.has(name)).map((name) => ({ name }));
}

function outlineOf(server: string): Omit<OpenAPIObject, 'paths'> {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Order Management API')
    .setDescription(DESCRIPTION)
    .setVersion(packageVersion())
    .addServer(server)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('Authentication', 'Open an account, and get a token')
    .addTag('Sessions', 'See where you are logged in, and log out')
    .addTag('Users', 'Your account')
    .addTag('Orders', 'Place, follow and cancel your orders')
    .addTag('Administration', 'For admins')
    .addTag('Health', 'For load balancers and orchestrators')
    .addTag('Problems', 'What errors mean, for people')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .addSecurityRequirements('bearer')
    .build();
  outline.info.contact = { name: 'The operator of this server' };
  return outline;
}

/** Of a route that does not declare its own: `StockController.set` is `stockSet`. */
function toOperationId(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return `${subject.charAt(0).toLowerCase()}${subject.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}
