import { type DynamicModule, Module } from '@nestjs/common';
import { PROBLEM_CATALOGUE, type ProblemCatalogue } from '../common/problem-catalogue';
import { ALL_PROBLEMS, ProblemsController } from './problems.controller';

/** Explains problems to people: `GET /problems` and `GET /problems/{code}`. */
@Module({})
export class ProblemsModule {
  /** @param extensions problems of modules of other teams */
  static forRoot(extensions: ProblemCatalogue): DynamicModule {
    return {
      module: ProblemsModule,
      controllers: [ProblemsController],
      providers: [{ provide: ALL_PROBLEMS, useValue: { ...PROBLEM_CATALOGUE, ...extensions } }],
    };
  }
}
