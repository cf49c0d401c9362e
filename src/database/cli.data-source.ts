import { startDatabaseConfig } from '../config/start-config';
import { createDataSource, dataSourceOptions } from './data-source';

/** The data source of `npm run migration:generate`, which is a command of TypeORM. */
export default createDataSource({
  ...dataSourceOptions(startDatabaseConfig().target),
  logger: 'advanced-console',
});
