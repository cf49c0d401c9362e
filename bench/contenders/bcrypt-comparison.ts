import { compareSync } from 'bcryptjs';
import { workerData } from 'piscina';

/** Blocks, so it runs in the threads of the pool. */
export default function isPassword(password: string): boolean {
  return compareSync(password, workerData as string);
}
