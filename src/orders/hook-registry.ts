import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  HOOKED_TRANSITIONS,
  type HookDeclaration,
  type HookedTransition,
  type TransitionHook,
  hookDeclarationsOf,
} from './on-transition.decorator';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

export interface RegisteredHook {
  /** Its class and method. */
  readonly name: string;
  readonly position: number;
  readonly call: TransitionHook;
}

/** Finds the methods with `@OnTransition()` when the application starts. */
@Injectable()
export class HookRegistry implements OnModuleInit {
  private readonly logger = new Logger(HookRegistry.name);
  private readonly hooks = new Map<HookedTransition, RegisteredHook[]>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error when a hook names no transition, or an unknown one, or its provider has no instance for the application */
  onModuleInit(): void {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    // A provider can have several tokens.
    const byInstance = new Map(wrappers.map((wrapper) => [wrapper.instance as unknown, wrapper]));
    for (const wrapper of byInstance.values()) this.registerHooksOf(wrapper);
    for (const [name, hooks] of this.hooks) {
      hooks.sort((a, b) => a.position - b.position || (a.name < b.name ? -1 : 1));
      this.logger.log(`Hooks of ${name}: ${hooks.map((hook) => hook.name).join(', ')}`);
    }
  }

  /** The hooks of a transition, in the order in which they are called; undefined when it has none. */
  of(transition: HookedTransition): readonly RegisteredHook[] | undefined {
    return this.hooks.get(transition);
  }

  private registerHooksOf(wrapper: Wrapper): void {
    const instance: unknown = wrapper.instance;
    if (typeof instance !== 'object' || instance === null) return;
    const prototype = Object.getPrototypeOf(instance) as Record<string, TransitionHook> | null;
    for (const key of this.scanner.getAllMethodNames(prototype)) {
      const method = prototype?.[key];
      if (!method) continue;
      const name = `${instance.constructor.name}.${key}`;
      for (const declaration of hookDeclarationsOf(method)) {
        if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
          throw new Error(
            `${name}: a provider with @OnTransition() must have the default scope (singleton)`,
          );
        }
        this.register(name, declaration, method.bind(instance));
      }
    }
  }

  private register(name: string, { names, position }: HookDeclaration, call: TransitionHook): void {
    const known = `the transitions are ${HOOKED_TRANSITIONS.join(', ')}`;
    if (names.length === 0) throw new Error(`${name}: it names no transition; ${known}`);
    const unknown = names.findIndex((transition) => !isTransition(transition));
    if (unknown >= 0) throw new Error(`${name}: unknown transition ${names[unknown]}; ${known}`);
    for (const transition of new Set(names.filter(isTransition))) {
      const hooks = this.hooks.get(transition) ?? [];
      this.hooks.set(transition, [...hooks, { name, position, call }]);
    }
  }
}

function isTransition(name: string): name is HookedTransition {
  return (HOOKED_TRANSITIONS as readonly string[]).includes(name);
}
