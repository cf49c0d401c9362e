import { failedStatement } from './failed-statement';

it.each(['42P01', 'SQLITE_BUSY', 'P0001'])('has the code of the database: %s', (code) => {
  expect(failedStatement(code)).toEqual({ 'error.type': code, 'db.response.status_code': code });
});

it.each(['EPIPE', 'ECONNRESET', 'ERR_ABORTED', 'TypeError'])(
  'has no code of the database for %s',
  (code) => expect(failedStatement(code)).toEqual({ 'error.type': code }),
);
