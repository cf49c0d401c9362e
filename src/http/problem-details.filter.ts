import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { allowedMethods } from './allowed-methods';
import { MethodNotAllowedError, RouteNotFoundError } from '../common/common.errors';
import type { DomainError } from '../common/domain-error';
import { toDomainError, toProblem } from '../common/problem-details';
import { nameOf } from '../common/request-context';
import { sendProblem } from './send-problem';

/** Answers anything thrown with problem details, and logs what is the server's own fault. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = refineNotFound(toDomainError(thrown), request);
    if (toProblem(error).status >= 500 && !error.isLogged) {
      this.logger.error({ msg: error.code, err: error.cause ?? error });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, error, { instance: request.path, requestId: nameOf(request) });
  }
}

/** The router only knows that nothing matched; with another method something may have. */
function refineNotFound(error: DomainError, request: Request): DomainError {
  if (!(error instanceof RouteNotFoundError)) return error;
  const methods = allowedMethods(request);
  return methods.length > 0 ? new MethodNotAllowedError(methods) : error;
}
