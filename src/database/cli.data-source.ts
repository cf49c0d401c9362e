import { startConfig } from '../config/start-config';
import { createDataSource, dataSourceOptions } from './data-source';

/** What the TypeORM command line connects with. */
export default createDataSource({
  ...dataSourceOptions(startConfig().database.target),
  logger: 'advanced-console',
});
