import { loadDatabaseConfigOrExit } from '../config/dotenv-config';
import { createDataSource, dataSourceOptions } from './data-source';

/** The data source of `npm run migration:generate`, which is a command of TypeORM. */
export default createDataSource({
  ...dataSourceOptions(loadDatabaseConfigOrExit().target),
  logger: 'advanced-console',
});
