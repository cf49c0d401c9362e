import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { AppConfig, loadConfig } from '../config/app-config';
import { currentRequestId } from '../logging/request-context';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import {
  type FulfilmentOutcome,
  type FulfilmentStep,
  RegisterFulfilmentStep,
  postponed,
  succeeded,
} from './fulfilment-step';
import { SimulatedFulfilment } from './simulated-fulfilment';

const calls: string[] = [];
const requestIds: (string | undefined)[] = [];
let firstOutcome: FulfilmentOutcome;

abstract class RecordingStep implements FulfilmentStep {
  abstract readonly name: string;

  fulfil(): Promise<FulfilmentOutcome> {
    calls.push(this.name);
    requestIds.push(currentRequestId());
    return Promise.resolve(this.name === 'first' ? firstOutcome : succeeded);
  }
}

@Injectable()
@RegisterFulfilmentStep({ position: 20 })
class SecondStep extends RecordingStep {
  readonly name = 'second';
  readonly timeoutMs = 500;
}

@Injectable()
@RegisterFulfilmentStep({ position: 10 })
class FirstStep extends RecordingStep {
  readonly name = 'first';
  readonly timeoutMs = 1_000;
}

@Injectable()
@RegisterFulfilmentStep({ position: 10 })
class RivalStep extends RecordingStep {
  readonly name = 'rival';
}

@Injectable()
@RegisterFulfilmentStep({ position: 30 })
class BrokenStep implements FulfilmentStep {
  readonly name = 'broken';

  fulfil(): Promise<FulfilmentOutcome> {
    throw new Error('out');
  }
}

@Injectable()
@RegisterFulfilmentStep({ position: 10 })
class SilentStep implements FulfilmentStep {
  readonly name = 'silent';

  fulfil(): Promise<FulfilmentOutcome> {
    return Promise.resolve(undefined as never);
  }
}

describe('FulfilmentPipeline', () => {
  const order = { id: 1, requestId: 'placed' } as Parameters<FulfilmentPipeline['fulfil']>[0];
  const context = { signal: new AbortController().signal, attempt: 1 };
  const simulated = { name: 'simulated', fulfil: () => Promise.resolve(succeeded) };

  const pipelineOf = async (...steps: (new () => FulfilmentStep)[]) => {
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [
        FulfilmentPipeline,
        { provide: SimulatedFulfilment, useValue: simulated },
        { provide: AppConfig, useValue: loadConfig({ PROCESSING_LEASE_SECONDS: '10' }) },
        ...steps,
      ],
    }).compile();
    await module.init();
    return module.get(FulfilmentPipeline);
  };

  beforeEach(() => {
    calls.length = 0;
    requestIds.length = 0;
    firstOutcome = succeeded;
  });

  it('runs the registered steps by ascending position', async () => {
    const pipeline = await pipelineOf(SecondStep, FirstStep);
    expect(await pipeline.fulfil(order, context)).toEqual(succeeded);
    expect(calls).toEqual(['first', 'second']);
    expect(pipeline.stepNames).toBe('first, second');
  });

  it('stops after the first step that does not succeed', async () => {
    const pipeline = await pipelineOf(FirstStep, SecondStep);
    firstOutcome = postponed('Not yet', 5);
    expect(await pipeline.fulfil(order, context)).toEqual(firstOutcome);
    expect(calls).toEqual(['first']);
  });

  it('starts no further step after its signal is aborted', async () => {
    const pipeline = await pipelineOf(FirstStep, SecondStep);
    const aborted = { ...context, signal: AbortSignal.abort(new Error('lost')) };
    await expect(pipeline.fulfil(order, aborted)).rejects.toThrow('lost');
    expect(calls).toEqual(['first']);
  });

  it('adds up the timeouts of its steps', async () => {
    expect((await pipelineOf(FirstStep, SecondStep)).timeoutMs).toBe(1_500);
  });

  it('counts a step without a timeout as four fifths of the lease', async () => {
    expect((await pipelineOf(SecondStep, RivalStep)).timeoutMs).toBe(8_500);
  });

  it('names the step that threw', async () => {
    const pipeline = await pipelineOf(BrokenStep);
    await expect(pipeline.fulfil(order, context)).rejects.toThrow(
      expect.objectContaining({ message: 'The step "broken" failed', cause: new Error('out') }),
    );
  });

  it('names the step that returned no outcome', async () => {
    const pipeline = await pipelineOf(SilentStep, SecondStep);
    await expect(pipeline.fulfil(order, context)).rejects.toThrow('The step "silent" failed');
    expect(calls).toEqual([]);
  });

  it('enters the context of the request that placed the order for registered steps only', async () => {
    const run = jest.spyOn(AsyncLocalStorage.prototype, 'run');
    try {
      await (await pipelineOf()).fulfil(order, context);
      await (await pipelineOf(FirstStep)).fulfil({ ...order, requestId: null }, context);
      expect(run).not.toHaveBeenCalled();
      await (await pipelineOf(FirstStep)).fulfil(order, context);
    } finally {
      run.mockRestore();
    }
    expect(requestIds).toEqual([undefined, 'placed']);
    expect(currentRequestId()).toBeUndefined();
  });

  it('runs the simulated step while no other is registered', async () => {
    expect((await pipelineOf()).stepNames).toBe('simulated');
  });

  it('rejects two steps with the same position', async () => {
    await expect(pipelineOf(FirstStep, RivalStep)).rejects.toThrow(/different positions/);
  });
});
