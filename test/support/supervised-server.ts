import type { ServerProcess } from './server-process';

/** A server that is started again whenever its process has ended, as an orchestrator does. */
export class SupervisedServer {
  /** How often the process has ended. */
  ends = 0;
  private isStopping = false;
  private readonly supervision: Promise<void>;

  private constructor(
    private server: ServerProcess,
    private readonly startServer: () => Promise<ServerProcess>,
  ) {
    this.supervision = this.supervise();
    // It rejects when a server does not start, which `stop` reports. Nothing awaits it before.
    this.supervision.catch(() => undefined);
  }

  static async start(startServer: () => Promise<ServerProcess>): Promise<SupervisedServer> {
    return new SupervisedServer(await startServer(), startServer);
  }

  /** The process that runs, or the last one while the next one starts. */
  get current(): ServerProcess {
    return this.server;
  }

  /**
   * Kills the process, and does not start another.
   *
   * @throws Error when the process ended before, and the next one did not start
   */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.server.stop('SIGKILL');
    await this.supervision;
  }

  private async supervise(): Promise<void> {
    for (;;) {
      await this.server.process.exit;
      if (this.isStopping) return;
      this.ends++;
      this.server = await this.startServer();
      if (this.isStopping) await this.server.stop('SIGKILL');
    }
  }
}
