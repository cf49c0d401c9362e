import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { createDataSource, dataSourceOptions } from './data-source';
import { migrate } from './migrate';

/**
 * Connects the application to its database and migrates it. Entities that a module registers
 * with `TypeOrmModule.forFeature` are found by themselves.
 */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [AppConfig],
      useFactory: ({ database }: AppConfig) => ({
        ...dataSourceOptions(database.target),
        autoLoadEntities: true,
        migrationsRun: database.migrateOnStart,
      }),
      dataSourceFactory: connect,
    }),
  ],
})
export class DatabaseModule {}

async function connect(options?: DataSourceOptions): Promise<DataSource> {
  if (!options) throw new TypeError('The data source needs options');
  // Migrations run here, under a lock, instead of inside initialize().
  const { migrationsRun, ...connectionOptions } = options;
  const dataSource = await createDataSource(connectionOptions).initialize();
  try {
    if (migrationsRun) await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
