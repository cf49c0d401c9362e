import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/**
 * Knows that the application is shutting down. It does from the first moment, while running work
 * is still being finished and requests are still answered.
 */
@Injectable()
export class ShutdownState implements OnModuleDestroy {
  private hasBegun = false;

  get isShuttingDown(): boolean {
    return this.hasBegun;
  }

  onModuleDestroy(): void {
    this.hasBegun = true;
  }
}
