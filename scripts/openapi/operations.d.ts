export const METHODS: readonly string[];

/** The operations of an OpenAPI document. */
export function operationsOf<Operation>(document: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}): {
  readonly method: string;
  readonly path: string;
  /** Method and path. */
  readonly route: string;
  readonly operation: Operation;
}[];
