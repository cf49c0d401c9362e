import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { closeWhenShuttingDown } from './common/close-when-shutting-down';
import { jsonBody } from './common/json-body';
import { setUpOpenApi } from './common/openapi';
import { ProblemDetailsFilter } from './common/problem-details.filter';
import { requestContext, requestLogging } from './common/request-context';
import { RequestValidationPipe } from './common/request-validation.pipe';
import { ShutdownState } from './common/shutdown-state';

/** Create the application with these, and hand it to {@link setUpApp}. */
export const APP_OPTIONS = { bodyParser: false, abortOnError: false } as const;

/** Everything around the modules. The server and the tests share it. */
export function setUpApp(app: NestExpressApplication, logger: Logger): void {
  app.set('etag', false);
  app.use(closeWhenShuttingDown(app.get(ShutdownState)));
  app.use(requestLogging(logger));
  app.use(requestContext());
  // Upgrading to https would leave Swagger UI blank wherever plain http is served.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  app.use(jsonBody());
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(new ProblemDetailsFilter());
  setUpOpenApi(app);
  // Leaving by `process.exit` lets the log write its last lines.
  app.enableShutdownHooks([], { useProcessExit: true });
}
