import { Controller, Get, Header, Inject, Param, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Public } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import type { ProblemCatalogue } from '../errors/problem-catalogue';
import { problemIndexPage, problemPage } from './problem-page';
import { ProblemNotFoundError } from './problems.errors';

/** The {@link ProblemCatalogue} of the application and its extensions. */
export const ALL_PROBLEMS = Symbol('ALL_PROBLEMS');

const HTML = 'text/html; charset=utf-8';
const HTML_PAGE = { content: { 'text/html': { schema: { type: 'string' } } } } as const;

/** The pages change only with a release, and contain no user data. */
const CACHE_CONTROL = 'public, max-age=3600';

@ApiTags('Problems')
@Public()
@Controller('problems')
export class ProblemsController {
  constructor(@Inject(ALL_PROBLEMS) private readonly catalogue: ProblemCatalogue) {}

  /**
   * Lists all problems.
   * @remarks An HTML page: each code with its status and meaning.
   */
  @ApiOperation({ operationId: 'listProblems' })
  @Get()
  @Header('Content-Type', HTML)
  @Header('Cache-Control', CACHE_CONTROL)
  @ApiOkResponse({ description: 'The page.', ...HTML_PAGE })
  list(@Req() request: Request): string {
    return problemIndexPage(this.catalogue, rootFrom(request));
  }

  /**
   * Explains a problem.
   * @remarks An HTML page: what the problem means, and what to do. The `type` of a problem document
   * links to it.
   */
  @ApiOperation({ operationId: 'explainProblem' })
  @Get(':code')
  @Header('Content-Type', HTML)
  @Header('Cache-Control', CACHE_CONTROL)
  @ApiParam({
    name: 'code',
    description: 'The `code` of a problem document.',
    schema: { type: 'string', pattern: '^[a-z_]+$', example: 'order_not_found' },
  })
  @ApiOkResponse({ description: 'The page.', ...HTML_PAGE })
  @ApiProblems(new ProblemNotFoundError())
  explain(@Param('code') code: string, @Req() request: Request): string {
    const problem = Object.hasOwn(this.catalogue, code) ? this.catalogue[code] : undefined;
    if (problem === undefined) throw new ProblemNotFoundError();
    return problemPage(code, problem, rootFrom(request));
  }
}

/**
 * The relative path from a page to the root of the API, so that links work behind a proxy that adds a
 * prefix. A slash at the end of the URL, which the router ignores, is one more step.
 */
function rootFrom({ path }: Request): string {
  return '../'.repeat(path.split('/').length - 2);
}
