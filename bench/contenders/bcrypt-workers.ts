/** A login without a server around it: one bcryptjs comparison per request, in a pool of threads. */
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { DEFAULT_COST, hashPassword } from '../passwords';

const threads = availableParallelism();
const pool = new Piscina<string, boolean>({
  filename: join(__dirname, 'bcrypt-comparison.js'),
  minThreads: threads,
  maxThreads: threads,
  workerData: hashPassword(DEFAULT_COST),
});

createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { password } = JSON.parse(Buffer.concat(chunks).toString()) as { password: string };
    pool.run(password).then(
      (isRight) => response.writeHead(isRight ? 200 : 401).end(),
      () => response.writeHead(500).end(),
    );
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');
