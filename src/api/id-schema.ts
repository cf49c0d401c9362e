/** An id in the OpenAPI document. A JSON number represents it exactly (RFC 8259, section 6). */
export const ID_SCHEMA = {
  type: 'integer',
  format: 'int64',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
} as const;
