import { createHash } from 'node:crypto';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { RouteResult } from '../api/route-result';
import type { OrderMinute } from '../orders/order-minute.entity';
import { THROUGHPUT_MINUTES } from '../orders/order-throughput';
import type { Instance } from './instance.entity';
import type { ProcessingStatus } from './processing-status';

/** The run was requested; it may not have finished. */
@ApiSchema({ name: 'ProcessingRun' })
export class ProcessingRunResponse {
  @ApiProperty({ enum: ['accepted'], example: 'accepted' })
  status: 'accepted';
}

/** An instance of the server, as of `last_seen_at`. Its instants are by the clock of the database. */
@ApiSchema({ name: 'Instance' })
export class InstanceResponse {
  /** Its host and process id, and a part that differs after each start. */
  @ApiProperty({ maxLength: 100, example: 'worker-1-4242-9f86d081' })
  id: string;

  @ApiProperty({ maxLength: 100, example: '2.2.0' })
  version: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  started_at: string;

  /** When it last reported itself: every 10 s, or every 2 s while its state changes. */
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  last_seen_at: string;

  /** False with `PROCESSING_ENABLED=false`, and once its shutdown has begun. */
  processing: boolean;

  /** How many orders it processes at the same time at most; 0 with `PROCESSING_ENABLED=false`. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 50 })
  concurrency: number;

  /** How many orders it was processing. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 3 })
  in_flight: number;

  /** When it last looked for due orders; null when it has not yet. */
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-31T12:00:00.000Z',
  })
  last_run_at: string | null;

  /** When it looks for due orders next by its schedule; null when it never does, or in years. */
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-31T12:02:00.000Z',
  })
  next_run_at: string | null;
}

/** How many orders of all users were completed, and failed, in a minute. */
@ApiSchema({ name: 'ThroughputMinute' })
export class ThroughputMinuteResponse {
  /** The start of the minute. */
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  minute: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 250 })
  completed: number;

  /** Those whose last attempt failed, also when they were retried since. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 2 })
  failed: number;
}

/** The state of processing on all instances. */
@ApiSchema({ name: 'ProcessingStatus' })
export class ProcessingStatusResponse {
  /** Whether an admin has paused processing, as of 2 s ago at most. The other fields are as of `as_of`. */
  paused: boolean;

  /** How many orders are due; 100,000 stands for as many or more. */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100_000, example: 12 })
  due: number;

  /** For how long the oldest due order has been due; null when no order is due. */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: 42 })
  oldest_due_age_seconds: number | null;

  /**
   * How many orders have the status `processing`, also those of an instance that died and whose lease has
   * not expired; 100,000 stands for as many or more.
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100_000, example: 3 })
  in_flight: number;

  /** The instances that have reported themselves within the last minute, the oldest first, at most 100. */
  instances: InstanceResponse[];

  /**
   * The last 60 minutes, the oldest first. The last one has not ended. Orders are usually counted within a second, and
   * also after they were deleted.
   */
  @ApiProperty({
    type: [ThroughputMinuteResponse],
    minItems: THROUGHPUT_MINUTES,
    maxItems: THROUGHPUT_MINUTES,
  })
  throughput: ThroughputMinuteResponse[];

  /** When this was read, by the clock of the database: up to 5 s ago, or longer when reading takes long. */
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  as_of: string;
}

/** The state as a response, with an entity tag of its content. */
export function processingStatusResult({
  isPaused,
  backlog,
  throughput,
  instances,
}: ProcessingStatus): RouteResult<ProcessingStatusResponse> {
  const body = {
    paused: isPaused,
    due: backlog.due,
    oldest_due_age_seconds: backlog.oldestDueAge === null ? null : Math.floor(backlog.oldestDueAge),
    in_flight: backlog.processing,
    instances: instances.map(toInstanceResponse),
    throughput: throughput.map(toThroughputResponse),
    as_of: backlog.asOf.toISOString(),
  };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return new RouteResult(body, { etag: `"${digest.slice(0, 32)}"` });
}

function toThroughputResponse({
  minute,
  completed,
  failed,
}: OrderMinute): ThroughputMinuteResponse {
  return { minute: minute.toISOString(), completed, failed };
}

function toInstanceResponse(instance: Instance): InstanceResponse {
  return {
    id: instance.id,
    version: instance.version,
    started_at: instance.startedAt.toISOString(),
    last_seen_at: instance.lastSeenAt.toISOString(),
    processing: instance.processing,
    concurrency: instance.concurrency,
    in_flight: instance.inFlight,
    last_run_at: instance.lastRunAt?.toISOString() ?? null,
    next_run_at: instance.nextRunAt?.toISOString() ?? null,
  };
}
