import { Injectable, Logger, Scope, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { HookRegistry } from './hook-registry';
import { type HookedTransition, OnTransition } from './on-transition.decorator';

async function start(...providers: Type[]): Promise<HookRegistry> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [HookRegistry, ...providers],
  }).compile();
  await module.init();
  return module.get(HookRegistry);
}

@Injectable()
class Stock {
  @OnTransition(['cancel', 'fail'])
  release() {
    return this;
  }

  @OnTransition('cancel', { position: -1 })
  check() {}
}

@Injectable()
class Invoices {
  @OnTransition('cancel')
  @OnTransition('complete', { position: 5 })
  update() {}
}

class Reservations extends Stock {}

describe('HookRegistry', () => {
  beforeAll(() => Logger.overrideLogger(false));

  const namesOf = (registry: HookRegistry, transition: HookedTransition) =>
    registry.of(transition)?.map(({ name }) => name);

  it('calls hooks by position, then by the names of class and method', async () => {
    const registry = await start(Stock, Invoices);
    expect(namesOf(registry, 'cancel')).toEqual([
      'Stock.check',
      'Invoices.update',
      'Stock.release',
    ]);
    expect(namesOf(registry, 'complete')).toEqual(['Invoices.update']);
    expect(namesOf(registry, 'fail')).toEqual(['Stock.release']);
    expect(registry.of('place')).toBeUndefined();
  });

  it('calls inherited hooks, on their instance', async () => {
    const registry = await start(Reservations);
    expect(namesOf(registry, 'fail')).toEqual(['Reservations.release']);
    const [hook] = registry.of('fail') ?? [];
    const release = hook?.call as () => unknown;
    expect(release()).toBeInstanceOf(Reservations);
  });

  it('calls a hook once when its provider has several tokens', async () => {
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [HookRegistry, Stock, { provide: 'ALIAS', useExisting: Stock }],
    }).compile();
    await module.init();
    expect(namesOf(module.get(HookRegistry), 'fail')).toEqual(['Stock.release']);
  });

  it.each<[names: unknown, message: string]>([
    ['cancle', 'unknown transition cancle'],
    ['toString', 'unknown transition toString'],
    [['cancel', 'cancelled'], 'unknown transition cancelled'],
    [undefined, 'unknown transition undefined'],
    [[], 'it names no transition'],
  ])('does not start with the transition %j', async (names, message) => {
    class Typo {
      @OnTransition(names as HookedTransition[])
      release() {}
    }
    await expect(start(Typo)).rejects.toThrow(
      `Typo.release: ${message}; the transitions are place, claim, `,
    );
  });

  it.each([
    ['REQUEST', Scope.REQUEST],
    ['TRANSIENT', Scope.TRANSIENT],
  ])('does not start with a provider of the scope %s', async (_name, scope) => {
    @Injectable({ scope })
    class Scoped {
      @OnTransition('cancel')
      release() {}
    }
    await expect(start(Scoped)).rejects.toThrow(
      'Scoped.release: a provider with @OnTransition() must have the default scope (singleton)',
    );
  });

  it('rejects a static method', () => {
    expect(() => {
      class Static {
        @OnTransition('cancel')
        static release() {}
      }
      return Static;
    }).toThrow('release');
  });

  it('rejects a method whose name is a symbol', () => {
    const release = Symbol('release');
    expect(() => {
      class Nameless {
        @OnTransition('cancel')
        [release]() {}
      }
      return Nameless;
    }).toThrow('Symbol(release)');
  });
});
