import { ApiProperty } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import type { Session } from './session.entity';

/** Where and since when somebody is logged in to an account. */
export class SessionResponse {
  /** @example 1 */
  @ApiProperty({ ...ID_SCHEMA })
  id: number;

  /** Whether the request was sent in this session. */
  current: boolean;

  /**
   * Where the login came from.
   * @example 203.0.113.7
   */
  ip_address: string;

  /**
   * What the client called itself at the login.
   * @example Mozilla/5.0
   */
  @ApiProperty({ type: String, nullable: true })
  user_agent: string | null;

  /** @example 2026-01-31T12:00:00.000Z */
  @ApiProperty({ format: 'date-time' })
  created_at: string;

  /**
   * When its token was last refreshed.
   * @example 2026-01-31T12:00:00.000Z
   */
  @ApiProperty({ format: 'date-time' })
  refreshed_at: string;

  /**
   * When the session ends unless it is refreshed before.
   * @example 2026-02-07T12:00:00.000Z
   */
  @ApiProperty({ format: 'date-time' })
  expires_at: string;
}

/** The sessions of one account, the one last refreshed first. */
export class SessionListResponse {
  data: SessionResponse[];
}

/** @param currentId of the session that the request was sent in */
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
