import type { Environment } from './environment';
import { includesLoopback } from './network-lists';
import { weakSecrets } from './weak-secrets';

/** What is wrong with variables together, each of which is valid. */
export function conflictsIn(environment: Environment): string[] {
  return [...backupProblems(environment), ...productionProblems(environment)];
}

function backupProblems({ BACKUP_DIR, DATABASE_URL, DATABASE_PATH }: Environment): string[] {
  if (BACKUP_DIR === '') return [];
  if (DATABASE_URL !== '') {
    return ['BACKUP_DIR must be unset with DATABASE_URL: back up PostgreSQL with pg_dump'];
  }
  return DATABASE_PATH === ':memory:' ? ['BACKUP_DIR must be unset for a database in memory'] : [];
}

function productionProblems(environment: Environment): string[] {
  if (environment.NODE_ENV !== 'production') return [];
  const problems = weakSecrets(environment);
  if (environment.BCRYPT_COST < 10) problems.push('BCRYPT_COST must be at least 10 in production');
  if (includesLoopback(environment.WEBHOOK_ALLOWED_NETWORKS)) {
    problems.push('WEBHOOK_ALLOWED_NETWORKS must not include loopback addresses in production');
  }
  return problems;
}
