import { type DynamicModule, Module } from '@nestjs/common';
import { PROBLEM_CATALOGUE, type ProblemCatalogue } from '../errors/problem-catalogue';
import { ALL_PROBLEMS, ProblemsController } from './problems.controller';

/** Serves the pages that explain problems: `GET /problems` and `GET /problems/{code}`. */
@Module({})
export class ProblemsModule {
  /**
   * @param extensions the problems of modules of other teams
   * @throws Error when one of them has a code of this application
   */
  static forRoot(extensions: ProblemCatalogue): DynamicModule {
    const taken = Object.keys(extensions).filter((code) => Object.hasOwn(PROBLEM_CATALOGUE, code));
    if (taken.length > 0) {
      throw new Error(`The application has problems of these codes already: ${taken.join(', ')}`);
    }
    return {
      module: ProblemsModule,
      controllers: [ProblemsController],
      providers: [{ provide: ALL_PROBLEMS, useValue: { ...PROBLEM_CATALOGUE, ...extensions } }],
    };
  }
}
