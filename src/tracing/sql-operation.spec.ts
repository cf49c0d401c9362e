import { operationOf } from './sql-operation';

it.each([
  ['SELECT 1', 'SELECT'],
  ['\n  with held AS (SELECT 1) UPDATE orders', 'WITH'],
  ['COMMIT', 'COMMIT'],
  ['', 'SQL'],
])('names the operation of %p %s', (sql, operation) => {
  expect(operationOf(sql)).toBe(operation);
});
