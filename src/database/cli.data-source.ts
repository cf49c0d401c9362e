import { loadDatabaseConfigOrExit } from '../config/dotenv-config';
import { createDataSource, dataSourceOptions } from './data-source';

/** What `npm run migration:generate`, a command of TypeORM, connects with. */
export default createDataSource({
  ...dataSourceOptions(loadDatabaseConfigOrExit().target),
  logger: 'advanced-console',
});
