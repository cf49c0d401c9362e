import { type DynamicModule, Module } from '@nestjs/common';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import { Measurements } from '../common/measurements';
import { Tracing } from '../common/tracing';
import { AppConfig } from '../config/app-config';
import type { ReportsConnectionWaits } from './connection-waits';
import { connectDatabase, dataSourceOptions } from './data-source';
import { migrate } from './migrate';
import type { TracesStatements } from './traced-statements';
import { Transactions } from './transactions';

export type MigrationClass = new () => MigrationInterface;

/**
 * Connects the application to its database and migrates it. Entities that a module registers with
 * `TypeOrmModule.forFeature` are loaded automatically.
 */
@Module({})
export class DatabaseModule {
  constructor(
    @InjectDataSource() { driver }: DataSource,
    measurements: Measurements,
    tracing: Tracing,
  ) {
    (driver as Partial<ReportsConnectionWaits>).onWait = (seconds) =>
      measurements.databaseWaited(seconds);
    (driver as Partial<TracesStatements>).tracing = tracing;
  }

  /** @param migrations those that are not in the `migrations` folder */
  static forRoot(migrations: readonly MigrationClass[] = []): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [Transactions],
      exports: [Transactions],
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [AppConfig],
          useFactory: ({ database }: AppConfig) => ({
            ...dataSourceOptions(database.target, migrations),
            autoLoadEntities: true,
            migrationsRun: database.migrateOnStart,
            toRetry: () => false, // `connectDatabase` retries
          }),
          dataSourceFactory: connect,
        }),
      ],
    };
  }
}

/** Runs the migrations here, under a lock, instead of inside `initialize()`. */
async function connect(options?: DataSourceOptions): Promise<DataSource> {
  if (!options) throw new TypeError('The data source needs options');
  const { migrationsRun, ...connectionOptions } = options;
  const dataSource = await connectDatabase(connectionOptions);
  try {
    if (migrationsRun) await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
