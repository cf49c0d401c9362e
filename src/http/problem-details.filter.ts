import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { allowedMethods } from './allowed-methods';
import { MethodNotAllowedError, RouteNotFoundError } from '../common/common.errors';
import type { DomainError } from '../common/domain-error';
import { toDomainError, toProblem } from '../common/problem-details';
import { requestIdOf } from '../common/request-context';
import { hasSentProblem, sendProblem } from './send-problem';

/** Counts a request for a route that does not exist. Rejects when its client has sent too many. */
export type CountUnknownRoute = (host: ArgumentsHost) => Promise<void>;

/** Responds to everything thrown with problem details, and logs what is the server's own fault. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  constructor(private readonly countUnknownRoute: CountUnknownRoute) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = refineNotFound(toDomainError(thrown), host.switchToHttp().getRequest<Request>());
    if (error instanceof RouteNotFoundError) void this.rejectUnknownRoute(error, host);
    else this.respond(error, host);
  }

  /** Never rejects, because nothing awaits a filter. */
  private async rejectUnknownRoute(notFound: RouteNotFoundError, host: ArgumentsHost) {
    const error = await this.countUnknownRoute(host).then(() => notFound, toDomainError);
    try {
      this.respond(error, host);
    } catch (failure) {
      this.logger.error({ msg: 'A problem was not sent', err: failure });
      host.switchToHttp().getRequest<Request>().socket.destroy();
    }
  }

  private respond(error: DomainError, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (hasSentProblem(response)) return; // the request was given up, as after a timeout
    if (toProblem(error).status >= 500 && !error.isLogged) {
      this.logger.error({ msg: error.code, err: error.cause ?? error });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, error, { instance: request.path, requestId: requestIdOf(request) });
  }
}

/** The router only knows that nothing matched; with another method something may have. */
function refineNotFound(error: DomainError, request: Request): DomainError {
  if (!(error instanceof RouteNotFoundError)) return error;
  const methods = allowedMethods(request);
  return methods.length > 0 ? new MethodNotAllowedError(methods) : error;
}
