import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, DataSourceOptions, MigrationInterface } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { connectDatabase, dataSourceOptions } from './data-source';
import { migrate } from './migrate';
import { Transactions } from './transactions';

export type MigrationClass = new () => MigrationInterface;

/**
 * Connects the application to its database and migrates it. Entities that a module registers with
 * `TypeOrmModule.forFeature` are loaded automatically.
 */
@Module({})
export class DatabaseModule {
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
