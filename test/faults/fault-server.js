/**
 * The built server with a fulfilment step that fails as the product name of an order says; other orders
 * take FULFILMENT_DELAY_MS. Each attempt logs a line when it starts.
 * JavaScript, because it runs in its own process, without jest.
 */
const { runServer } = require('../../dist/src/server.js'); // first, as it decides whether to trace the others
const http = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');
const { Module } = require('@nestjs/common');
const { RegisterFulfilmentStep, succeeded } = require('../../dist/src/jobs/fulfilment-step.js');
const { OrderClaims } = require('../../dist/src/jobs/order-claims.js');
const { BacklogGauges } = require('../../dist/src/metrics/backlog-gauges.js');
const { OrderProcessor } = require('../../dist/src/jobs/order-processor.js');

const never = () => new Promise(() => {});

const kill = () => {
  process.kill(process.pid, 'SIGKILL');
  return never();
};

async function work(signal) {
  await delay(Number(process.env.FULFILMENT_DELAY_MS ?? 0), undefined, { signal });
  return succeeded;
}

/** An error of a client library. FAULT_SECRET is the password, and the token, of a service. */
function errorWithCredentials() {
  const { FAULT_SECRET: secret } = process.env;
  const cause = new Error(`Authorization: Bearer ${secret} was rejected`);
  const error = new Error(`No connection to amqp://orders:${secret}@broker:5672/orders`, { cause });
  return Object.assign(error, { config: { password: secret } });
}

/** @type {Record<string, (attempt: number) => unknown>} */
const FAULTS = {
  'throws an error': () => {
    throw new Error('poison');
  },
  'throws credentials': () => {
    throw errorWithCredentials();
  },
  'throws credentials where nothing catches them': () => {
    setTimeout(() => {
      throw errorWithCredentials();
    });
    return never();
  },
  'throws a string': () => {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- the fault
    throw 'poison';
  },
  // oxlint-disable-next-line prefer-promise-reject-errors -- the fault
  'rejects with nothing': () => Promise.reject(),
  'rejects with an error': () => Promise.reject(new Error('poison')),
  hangs: never,
  'rejects after its deadline': async () => {
    await delay(5_000);
    throw new Error('poison, late');
  },
  'succeeds after its deadline': async () => {
    await delay(5_000);
    return succeeded;
  },
  'throws where nothing catches it': () => {
    setTimeout(() => {
      throw new Error('nothing catches this');
    });
    return never();
  },
  'rejects where nothing catches it': () => {
    void Promise.reject(new Error('nothing catches this'));
    return never();
  },
  'throws again and again': () => {
    setInterval(() => {
      throw new Error('nothing catches this');
    });
    return work(undefined);
  },
  'throws while the server shuts down': () => {
    process.once('SIGTERM', () => {
      setTimeout(() => {
        throw new Error('nothing catches this');
      }, 500);
    });
    return work(undefined);
  },
  'requests FAULT_URL': () =>
    new Promise((resolve, reject) => {
      const end = (response) => response.resume().once('end', () => resolve(succeeded));
      http.get(process.env.FAULT_URL, end).once('error', reject);
    }),
  'returns nothing': () => undefined,
  'returns an unknown outcome': () => ({ kind: 'unknown' }),
  'kills its process': kill,
  'kills its process at the first attempt': (attempt) => (attempt > 1 ? succeeded : kill()),
};

class FaultyFulfilment {
  name = 'faulty';

  fulfil({ id, productName }, { attempt, signal }) {
    process.stdout.write(`${JSON.stringify({ msg: 'Fulfilment begins', order_id: id })}\n`);
    const fault = FAULTS[productName];
    return fault ? fault(attempt) : work(signal);
  }
}
RegisterFulfilmentStep({ position: 1 })(FaultyFulfilment);

/** The fault of FAULT_AT_START happens while the application is created. */
const atStart = {
  provide: 'at-start',
  useFactory: () => {
    const fault = FAULTS[process.env.FAULT_AT_START];
    return fault?.(1);
  },
};

/** FAULT_AFTER_CLAIM is the signal that the process receives when it has claimed the first orders. */
function signalAfterClaim(signal) {
  // oxlint-disable typescript/unbound-method -- called with their object below
  const { beginAndClaim } = OrderClaims.prototype;
  const { onModuleDestroy } = OrderProcessor.prototype;
  // oxlint-enable typescript/unbound-method
  const shutdown = new Promise((resolve) => {
    OrderProcessor.prototype.onModuleDestroy = function onShutdown() {
      onModuleDestroy.call(this);
      resolve();
    };
  });
  OrderClaims.prototype.beginAndClaim = async function claimAndSignal(...args) {
    const result = await beginAndClaim.apply(this, args);
    if (result.claimed.length > 0) {
      process.kill(process.pid, signal);
      await shutdown;
    }
    return result;
  };
}
if (process.env.FAULT_AFTER_CLAIM) signalAfterClaim(process.env.FAULT_AFTER_CLAIM);

/** In BacklogGauges, time passes FASTER_BACKLOG_GAUGES times as fast. */
function speedUpBacklogGauges(factor) {
  const { get } = BacklogGauges.prototype; // oxlint-disable-line typescript/unbound-method -- see below
  BacklogGauges.prototype.get = function getWithFastClock() {
    this.clock = { monotonicMs: () => performance.now() * factor };
    return get.call(this);
  };
}
if (process.env.FASTER_BACKLOG_GAUGES)
  speedUpBacklogGauges(Number(process.env.FASTER_BACKLOG_GAUGES));

class FaultyModule {}
Module({ providers: [FaultyFulfilment, atStart] })(FaultyModule);

void runServer({ modules: [FaultyModule] });
