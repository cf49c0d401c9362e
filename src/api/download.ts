/**
 * A file for the client to save, which is sent while it is created. A handler returns this, and
 * `BoundedHttpAdapter` sends it.
 */
export class Download {
  /**
   * @param type the media type, with its parameters
   * @param filename ASCII letters, digits, dots and hyphens
   * @param chunks are created as fast as the client reads them. An error before the first one becomes a
   *   problem document; a later one ends the connection without the end of the file
   */
  constructor(
    readonly type: string,
    readonly filename: string,
    readonly chunks: AsyncIterable<string>,
  ) {}
}
