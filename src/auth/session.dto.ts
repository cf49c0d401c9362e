import { ApiProperty } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import type { Session } from './session.entity';

/** A session of an account. */
export class SessionResponse {
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  id: number;

  /** Whether this is the session of the request. */
  current: boolean;

  /**
   * The IP address of the login.
   * @example 203.0.113.7
   */
  ip_address: string;

  /** The `User-Agent` header of the login, at most 500 characters. */
  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0' })
  user_agent: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  created_at: string;

  /** When its tokens were last refreshed, or the time of the login. */
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  refreshed_at: string;

  /** When the session expires unless it is refreshed. */
  @ApiProperty({ format: 'date-time', example: '2026-02-07T12:00:00.000Z' })
  expires_at: string;
}

/** The sessions of an account, the most recently refreshed first. */
export class SessionListResponse {
  data: SessionResponse[];
}

/** @param currentId the id of the session of the request */
export function toSessionListResponse(
  sessions: readonly Session[],
  currentId: number,
): SessionListResponse {
  return { data: sessions.map((session) => toSessionResponse(session, currentId)) };
}

function toSessionResponse(session: Session, currentId: number): SessionResponse {
  return {
    id: session.id,
    current: session.id === currentId,
    ip_address: session.ipAddress,
    user_agent: session.userAgent,
    created_at: session.createdAt.toISOString(),
    refreshed_at: session.refreshedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
  };
}
