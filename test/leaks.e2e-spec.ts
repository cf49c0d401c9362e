import { leaksIn } from './support/leaks';

const INSIDE_JSON = (detail: string) => JSON.stringify({ detail });

/** The fuzzing suite applies it to each response. */
describe('The search for leaks', () => {
  it.each([
    '{"text":"Leave it at the door","created_at":"2026-01-31T09:10:45.000Z"}',
    INSIDE_JSON('Meet me at noon:10:45'),
    INSIDE_JSON('SELECT your laptop, UPDATE 2, INSERT coin'),
    INSIDE_JSON("' OR 1=1 --"),
    INSIDE_JSON('a\n    at the door: 1:2'),
    INSIDE_JSON('$2 a piece'),
  ])('ignores what a user may have entered: %s', (body) => {
    expect(leaksIn(body)).toEqual([]);
  });

  const { stack = '' } = new Error('for its stack');
  it.each([
    ['a stack frame', INSIDE_JSON(stack)],
    ['a stack frame', stack.replaceAll('\n', '<br>')],
    ['a stack frame', INSIDE_JSON('Error: x\n    at /app/dist/src/main.js:12:34')],
    ['a stack frame', INSIDE_JSON('    at async Server.close (file:///app/a.mjs:1:2)')],
    ['a stack frame', INSIDE_JSON('    at node:internal/process/task_queues:95:5')],
    ['a stack frame', INSIDE_JSON('    at new Promise (<anonymous>:1:2)')],
    ['the path of a source file', INSIDE_JSON("Cannot find '/app/dist/src/main.js'")],
    ['the path of a source file', INSIDE_JSON('node_modules/typeorm')],
    ['SQL', INSIDE_JSON('SELECT "id" FROM "orders"')],
    ['SQL', INSIDE_JSON('INSERT INTO orders')],
    ['SQL', INSIDE_JSON('UPDATE "orders" SET "status" = 1')],
    ['SQL', INSIDE_JSON('DELETE FROM sessions')],
    ['an error of the database', INSIDE_JSON('SQLITE_BUSY: database is locked')],
    ['an error of the database', INSIDE_JSON('syntax error at or near "x"')],
    ['a password hash', INSIDE_JSON('$2b$12$abcdefghijklmnopqrstuv')],
  ])('finds %s: %s', (leak, body) => {
    expect(leaksIn(body)).toContain(leak);
  });
});
