import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { requestContext, requestLogging } from './common/request-context';
import { ShutdownState } from './common/shutdown-state';
import { AppConfig } from './config/app-config';
import { answerClientErrors, refuseUnservable } from './http/client-errors';
import { closeWhenShuttingDown } from './http/close-when-shutting-down';
import { shareWith } from './http/cross-origin';
import { jsonBody } from './http/json-body';
import { oneAtATime } from './http/one-at-a-time';
import { ProblemDetailsFilter } from './http/problem-details.filter';
import { RequestValidationPipe } from './http/request-validation.pipe';
import { cacheControl, securityHeaders, transportSecurity } from './http/security-headers';
import { ignoreAfterLastAnswer } from './http/send-problem';
import { setUpOpenApi } from './openapi/explorer';

/** Create the application with these and a `BoundedHttpAdapter`, and hand it to {@link setUpApp}. */
export const APP_OPTIONS = { bodyParser: false, abortOnError: false } as const;

/** Everything around the modules. The server and the tests share it. */
export function setUpApp(app: NestExpressApplication, logger: Logger): void {
  const { http } = app.get<AppConfig>(AppConfig);
  const protect = securityHeaders();
  app.set('etag', false);
  app.set('trust proxy', http.trustedProxies);
  app.use(oneAtATime());
  app.use(ignoreAfterLastAnswer());
  app.use(closeWhenShuttingDown(app.get(ShutdownState)));
  app.use(requestLogging(logger));
  app.use(requestContext());
  app.use(protect);
  app.use(transportSecurity());
  app.use(cacheControl());
  shareWith(app, http.corsOrigins);
  app.use(refuseUnservable());
  app.use(jsonBody());
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(new ProblemDetailsFilter());
  setUpOpenApi(app);
  answerClientErrors(app.getHttpServer(), protect);
  // Leaving by `process.exit` lets the log write its last lines.
  app.enableShutdownHooks([], { useProcessExit: true });
}
