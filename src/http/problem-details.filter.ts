import type { ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MethodNotAllowedError, RouteNotFoundError } from '../errors/common.errors';
import type { DomainError } from '../errors/domain-error';
import { requestIdOf } from '../logging/request-context';
import { allowedMethods } from './allowed-methods';
import { hasSentProblem, sendProblem } from './send-problem';
import { toDomainError } from './to-domain-error';

/**
 * Counts a rejected request without a known user. Returns the error to respond with: the reason, or
 * another one when too many requests of the address were rejected. Never rejects.
 */
export type CountRefusal = (
  reason: DomainError,
  address: string | undefined,
  response: ServerResponse,
) => Promise<DomainError>;

/** Responds to everything thrown with problem details, and logs errors of the server (5xx). */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  constructor(private readonly countRefusal: CountRefusal) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = refineNotFound(toDomainError(thrown), request);
    if (shouldCount(error, request, response)) void this.countAndRespond(error, request, response);
    else this.respond(error, request, response);
  }

  /** Never rejects, because nothing awaits a filter. */
  private async countAndRespond(reason: DomainError, request: Request, response: Response) {
    const error = await this.countRefusal(reason, request.ip, response);
    try {
      this.respond(error, request, response);
    } catch (failure) {
      this.logger.error({ msg: 'A problem was not sent', err: failure });
      request.socket.destroy();
    }
  }

  private respond(error: DomainError, request: Request, response: Response): void {
    if (hasSentProblem(response)) return; // the request was rejected, as after a timeout
    if (error.status >= 500 && !error.isLogged) {
      this.logger.error({ msg: error.code, err: error.cause ?? error });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, error, request.path, requestIdOf(request));
  }
}

/** Whether the request has no known user, and no limit has counted it yet. */
function shouldCount(error: DomainError, request: Request, response: Response): boolean {
  if (error.status >= 500 || response.headersSent || hasSentProblem(response)) return false;
  return request.user === undefined && !response.hasHeader('RateLimit');
}

/** The router also reports 404 when a path has routes for other methods only. */
function refineNotFound(error: DomainError, request: Request): DomainError {
  if (!(error instanceof RouteNotFoundError)) return error;
  const methods = allowedMethods(request);
  return methods.length > 0 ? new MethodNotAllowedError(methods) : error;
}
