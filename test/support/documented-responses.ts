import type { ClientRequest } from 'node:http';
import type { Response } from 'supertest';
import { DOCUMENT_PATH, EXPLORER_PATH } from '../../src/openapi/explorer';
import { ApiContract } from './api-contract';

const IS_DOCUMENTATION = new RegExp(`^/(${EXPLORER_PATH}(/.*)?|${DOCUMENT_PATH})$`);

/**
 * Checks an answer to a request of the tests.
 * @param isExtended whether the application has routes of other teams, which are not described
 * @throws Error when the answer is not as `openapi.json` describes it
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
  const deviations = contract.deviationsOf(response, operation);
  if (deviations.length === 0) return;
  throw new Error(
    `${request.method} ${path} answered ${status}, which openapi.json does not describe:\n` +
      `${deviations.map((deviation) => `- ${deviation}`).join('\n')}\n` +
      `Describe what is meant, and run npm run openapi. The answer was:\n${text}`,
  );
}
