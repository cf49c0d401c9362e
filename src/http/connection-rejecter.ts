import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { Request } from 'express';
import type { Measurements } from '../common/measurements';
import type { DomainError } from '../errors/domain-error';
import type { RefusalLog } from '../logging/refusal-log';
import { requestIdOf } from '../logging/request-context';
import { Connection } from './connection';
import type { CountRefusal } from './problem-details.filter';
import { rejectWhenServed } from './reject-malformed-requests';
import type { SecurityHeaders } from './security-headers';
import { sendProblem } from './send-problem';

const logger = new Logger('HttpServer');

/**
 * Sends a problem document where Node.js would respond by itself or close the connection without a
 * response. Earlier requests of the connection get their responses first, and a response that has
 * begun is not interrupted.
 */
export class ConnectionRejecter {
  constructor(
    private readonly setSecurityHeaders: SecurityHeaders,
    private readonly countRefusal: CountRefusal,
    private readonly refusals: RefusalLog,
    private readonly measurements: Measurements,
  ) {}

  /**
   * Rejects the request that is being received. Never throws: nothing would catch it, and the process
   * would end.
   * @param cause the code of the Node.js error, for the log
   */
  reject(socket: Socket, error: DomainError, cause?: string): void {
    Connection.of(socket).isRejected = true;
    this.respond(socket, error, cause).catch((failure: unknown) => {
      logger.error({ msg: 'A malformed request got no response', err: failure });
      socket.destroy();
    });
  }

  private async respond(socket: Socket, error: DomainError, cause?: string): Promise<void> {
    const connection = Connection.of(socket);
    const response = connection.findIncomplete();
    if (!socket.writable) {
      socket.destroySoon(); // the client has left; what was written may still be on its way
    } else if (connection.isClosing || response?.headersSent) {
      connection.destroyAfterLinger();
    } else if (response === undefined) {
      await connection.waitForResponses();
      await this.respondWithoutRequest(socket, error, cause);
    } else if (connection.isServing(response)) {
      await this.respondTo(response, error);
    } else {
      rejectWhenServed(response.req, error);
    }
  }

  private async respondTo(response: ServerResponse, reason: DomainError): Promise<void> {
    const request = response.req as Request;
    const error = await this.countRefusal(reason, request.ip, response);
    if (response.headersSent) {
      Connection.of(request.socket).destroyAfterLinger();
      return;
    }
    response.setHeader('Connection', 'close');
    sendProblem(response, error, request.path, requestIdOf(request));
  }

  /** The headers of the request were not read, so it has neither a path nor a log line of its own. */
  private async respondWithoutRequest(socket: Socket, reason: DomainError, cause?: string) {
    const connection = Connection.of(socket);
    const { remoteAddress } = socket;
    const requestId = randomUUID();
    const request = new IncomingMessage(socket);
    const response = new ServerResponse(request);
    const error = await this.countRefusal(reason, remoteAddress, response);
    if (!connection.isRejected) return;
    if (!socket.writable) {
      socket.destroySoon();
      return;
    }
    response.assignSocket(socket);
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('Connection', 'close');
    request.complete = true; // nothing more is read of it
    response.once('finish', () => {
      socket.end();
      connection.destroyAfterLinger();
    });
    this.setSecurityHeaders(response);
    sendProblem(response, error, '/', requestId);
    // Its method and the time of its arrival are unknown.
    this.measurements.responded({ method: '', route: undefined, status: error.status }, 0);
    if (error.status === 429 && !this.refusals.shouldLog(remoteAddress)) return;
    logger.log({ msg: 'Request not served', request_id: requestId, code: error.code, cause });
  }
}
