import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { RefusalLog } from './logging/refusal-log';
import { requestContext } from './logging/request-context';
import { requestLogging } from './logging/request-logging';
import { Measurements } from './common/measurements';
import { ShutdownState } from './common/shutdown-state';
import { Tracing } from './common/tracing';
import { AppConfig } from './config/app-config';
import { ConnectionRejecter } from './http/connection-rejecter';
import { enableCors } from './http/cross-origin';
import { normalizeForwardedFor } from './http/forwarded-for';
import { joinChunksOfRequests } from './http/join-small-chunks';
import { jsonBody } from './http/json-body';
import { type CountRefusal, ProblemDetailsFilter } from './http/problem-details.filter';
import { rejectMalformedRequests } from './http/reject-malformed-requests';
import { rejectTunnels } from './http/reject-tunnels';
import { rejectUnparsableRequests } from './http/reject-unparsable-requests';
import { RequestValidationPipe } from './http/request-validation.pipe';
import { commonHeaders, securityHeaders } from './http/security-headers';
import { toDomainError } from './http/to-domain-error';
import { setUpOpenApi } from './openapi/explorer';
import { RequestLimits } from './rate-limits/request-limits';
import { SHUTDOWN_SIGNALS } from './shutdown-signals';

/** Options of an application that {@link setUpApp} sets up, beside a `BoundedHttpAdapter`. */
export const APP_OPTIONS = { bodyParser: false, abortOnError: false } as const;

/** Sets up middleware, pipes, filters and signals, for the server and for the tests. */
export function setUpApp(app: NestExpressApplication, logger: Logger): void {
  const { http } = app.get<AppConfig>(AppConfig);
  const setSecurityHeaders = securityHeaders();
  const refusals = new RefusalLog(logger, app.get(Tracing));
  const measurements = app.get(Measurements);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', http.trustedProxies);
  app.use(normalizeForwardedFor());
  app.use(requestLogging(logger, refusals, measurements));
  app.use(requestContext());
  app.use(commonHeaders(setSecurityHeaders, app.get(ShutdownState)));
  enableCors(app, http.corsOrigins);
  app.use(rejectMalformedRequests());
  app.use(jsonBody());
  app.useGlobalPipes(new RequestValidationPipe());
  const limits = app.get(RequestLimits);
  const countRefusal: CountRefusal = (reason, address, response) =>
    limits.countRefusal(address, response).then(() => reason, toDomainError);
  app.useGlobalFilters(new ProblemDetailsFilter(countRefusal));
  setUpOpenApi(app);
  const rejecter = new ConnectionRejecter(setSecurityHeaders, countRefusal, refusals, measurements);
  const server = app.getHttpServer();
  joinChunksOfRequests(server, rejecter);
  rejectUnparsableRequests(server, rejecter);
  rejectTunnels(server, rejecter);
  // The log writes its last lines at the event `exit`, which a signal does not emit.
  app.enableShutdownHooks([...SHUTDOWN_SIGNALS], { useProcessExit: true });
}
