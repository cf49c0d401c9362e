import type { Measurements } from '../../common/measurements';
import type { EventLog } from '../../events/event-log';
import type { LoggedEvent } from '../../events/event';
import type { WebhookSender } from '../sending/webhook-sender';
import type { WebhookDelivery } from '../webhook-delivery.entity';
import type { ClaimedEndpoint } from './endpoint-claims';
import { EndpointTurn } from './endpoint-turn';
import type { TurnPlan } from './turn-plan';

const LEASE_MS = 60_000;

describe('EndpointTurn', () => {
  let sent: number;

  beforeEach(() => (sent = 0));
  afterEach(() => jest.restoreAllMocks());

  const event = {
    position: 1,
    orderId: 1,
    sequence: 1,
    type: 'order.created',
    createdAt: new Date(),
  } as LoggedEvent;

  const retry = { ...event, eventType: event.type, attempts: 1, retriesLeft: 3 };

  const plan = (part: Partial<TurnPlan>): TurnPlan => ({
    retries: [],
    isRetryFirst: false,
    isRetryDue: false,
    events: [],
    waiting: [],
    handled: [],
    through: 1,
    missedThrough: null,
    ...part,
  });

  /** @param find reads an event from the log */
  const createTurn = (leaseMs: number, find = () => Promise.resolve(event)) => {
    const endpoint = {
      id: 1,
      url: 'https://hooks.test/',
      leaseToken: 'token',
      leaseEndsAt: performance.now() + leaseMs,
      clockOffsetMs: 0,
      replays: 0,
      revision: 0,
      failures: 0,
      position: 0,
    } as ClaimedEndpoint;
    const send = () => {
      sent++;
      return Promise.resolve({ failure: null, status: 200, durationMs: 1 });
    };
    return new EndpointTurn(endpoint, [Buffer.from('secret')], {
      sender: { send } as unknown as WebhookSender,
      log: { find } as unknown as EventLog,
      measurements: { webhookSent: () => undefined } as unknown as Measurements,
      onDisabled: () => undefined,
    });
  };

  it('sends its events', async () => {
    await createTurn(LEASE_MS).run(plan({ events: [event] }));
    expect(sent).toBe(1);
  });

  it('begins no request that could outlast its lease', async () => {
    await createTurn(14_000).run(plan({ events: [event] }));
    expect(sent).toBe(0);
  });

  it('begins no request that could outlast its lease because reading the event took long', async () => {
    const now = performance.now.bind(performance);
    const turn = createTurn(LEASE_MS, () => {
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 46_000);
      return Promise.resolve(event);
    });
    await turn.run(plan({ retries: [retry as unknown as WebhookDelivery] }));
    expect(sent).toBe(0);
    expect(turn.progress.take()).toMatchObject({ ends: true, position: 1, deliveries: new Map() });
  });
});
