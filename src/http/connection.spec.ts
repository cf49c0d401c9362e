import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate as nextPass } from 'node:timers/promises';
import { Connection } from './connection';
import { RequestTurns } from './request-turns';

describe('Connection', () => {
  it('does not keep a response that has closed', async () => {
    const connection = Connection.of(new PassThrough());
    const response = Object.assign(new EventEmitter(), { req: { headers: {} } }) as ServerResponse;
    connection.enqueue(response, new RequestTurns(), () => undefined);
    await nextPass();
    expect(connection.isServing(response)).toBe(true);
    response.emit('close');
    expect(connection.isServing(response)).toBe(false);
  });
});
