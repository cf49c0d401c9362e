import { DomainError } from '../common/domain-error';

/** No problem has this code. */
export class ProblemNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'problem_not_found', 'No problem has this code');
  }
}
