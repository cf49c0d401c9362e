import type { ClientRequest } from 'node:http';
import type { Response } from 'supertest';
import { DOCUMENT_PATH, EXPLORER_PATH } from '../../src/openapi/explorer';
import { ApiContract } from './api-contract';

const IS_DOCUMENTATION = new RegExp(`^/(${EXPLORER_PATH}(/.*)?|${DOCUMENT_PATH})$`);

/**
 * Validates a response against `openapi.json`.
 * @param isExtended whether the application has modules of other teams. Their routes, and the errors with
 * which their hooks veto transitions, are not described.
 * @throws Error when the response is not described
 */
export function expectDocumented(response: Response, isExtended: boolean): void {
  const { req: request } = response as Response & { readonly req: ClientRequest };
  const { status, text } = response;
  // The middleware allows preflights.
  if (request.method === 'OPTIONS' && status === 204) return;
  const [path = ''] = request.path.split('?');
  const contract = ApiContract.load();
  const operation = contract.find(request.method, path);
  if (!operation && (isExtended || IS_DOCUMENTATION.test(path))) return;
  if (isExtended && contract.isUnknownProblem(response)) return;
  const deviations = contract.deviationsOf(response, operation);
  if (deviations.length === 0) return;
  throw new Error(
    `${request.method} ${path} responded with ${status}, and openapi.json does not describe the response:\n` +
      `${deviations.map((deviation) => `- ${deviation}`).join('\n')}\n` +
      `If the response is correct, describe it and run npm run openapi. The response:\n${text}`,
  );
}
