import type { Express, Request } from 'express';

/** What is needed of express's internal router: https://github.com/pillarjs/router */
interface RouterLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** The methods that the path of a request has routes for, as the `Allow` header lists them. */
export function allowedMethods({ app, path }: Request): string[] {
  const { stack } = (app as Express).router as unknown as { stack: RouterLayer[] };
  const methods = stack
    .filter((layer) => layer.route !== undefined && layer.match(path))
    .flatMap((layer) => Object.keys(layer.route?.methods ?? {}))
    .map((method) => method.toUpperCase());
  if (methods.includes('GET')) methods.push('HEAD'); // answered by express on its own
  return [...new Set(methods)].toSorted();
}
