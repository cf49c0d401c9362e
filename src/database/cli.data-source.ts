import { startDatabaseConfig } from '../config/start-config';
import { createDataSource, dataSourceOptions } from './data-source';

/** What `npm run migration:generate`, a command of TypeORM, connects with. */
export default createDataSource({
  ...dataSourceOptions(startDatabaseConfig().target),
  logger: 'advanced-console',
});
