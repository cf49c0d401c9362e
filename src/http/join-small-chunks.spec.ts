import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { array, assert, asyncProperty, constantFrom, integer, oneof } from 'fast-check';
import { joinSmallChunks } from './join-small-chunks';

describe('joinSmallChunks', () => {
  function open(reject = () => {}) {
    const request = new IncomingMessage(new Socket());
    request.headers = { 'transfer-encoding': 'chunked' };
    joinSmallChunks(request, reject);
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    const end = () => {
      request.push(null);
      return new Promise((resolve) => request.once('end', resolve));
    };
    return { request, pieces, end };
  }

  it('passes on the same bytes in few pieces', async () => {
    const size = oneof(integer({ min: 1, max: 9 }), constantFrom(4_095, 4_096, 4_097, 65_536));
    const property = asyncProperty(array(size, { maxLength: 60 }), async (sizes) => {
      const { request, pieces, end } = open();
      let next = 0;
      const chunks = sizes.map((length) => Buffer.alloc(length).map(() => next++ % 251));
      for (const chunk of chunks) request.push(chunk);
      await end();
      const body = Buffer.concat(chunks);
      expect(Buffer.concat(pieces).equals(body)).toBe(true);
      expect(pieces.length).toBeLessThanOrEqual(2 * (body.length / 4_096) + 1);
    });
    await assert(property);
  });

  it('keeps the bytes of many small chunks, but not the chunks', async () => {
    const { request, pieces, end } = open();
    for (let n = 0; n < 5_000; n++) request.push(Buffer.from('x'));
    await end();
    expect(pieces.map(({ length }) => length)).toEqual([4_096, 904]);
  });

  it('rejects more than 5,000 chunks once, and stops reading', () => {
    const reject = jest.fn();
    const { request } = open(reject);
    for (let n = 0; n < 5_000; n++) request.push(Buffer.from('x'));
    expect(reject).not.toHaveBeenCalled();
    expect(request.socket.isPaused()).toBe(false);
    for (let n = 0; n < 5_000; n++) expect(request.push(Buffer.from('x'))).toBe(false);
    expect(reject).toHaveBeenCalledTimes(1);
    expect(request.socket.isPaused()).toBe(true);
  });

  it('leaves requests without a body alone', () => {
    const request = new IncomingMessage(new Socket());
    joinSmallChunks(request, () => {});
    expect(Object.hasOwn(request, 'push')).toBe(false);
  });
});
