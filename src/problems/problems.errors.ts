import { DomainError } from '../errors/domain-error';

/** No problem has this code. */
export class ProblemNotFoundError extends DomainError {
  constructor() {
    super(404, 'problem_not_found', 'No problem has this code');
  }
}
