import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';

/** The media type of JSON merge patches (RFC 7396). */
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';

export const MERGE_PATCH_ROUTE = 'merge patch';

/** The body of a route is a JSON merge patch, sent as such or as JSON. */
export const AcceptsMergePatch = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(MERGE_PATCH_ROUTE, true),
    ApiConsumes('application/json', MERGE_PATCH_TYPE),
  );
