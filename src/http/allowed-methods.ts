import type { Express, Request } from 'express';

/** The part of Express's internal router that is used here: https://github.com/pillarjs/router */
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
  if (methods.includes('GET')) methods.push('HEAD'); // Express serves it with the GET handler
  return [...new Set(methods)].toSorted();
}
