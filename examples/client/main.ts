import { placeAndCancel } from './place-and-cancel';

/** Runs the example against the API at `baseUrl`, the first argument of the command. */
async function main(baseUrl = 'http://localhost:8000'): Promise<void> {
  const { id, status } = await placeAndCancel(baseUrl);
  process.stdout.write(`Order ${id} is ${status}\n`);
}

void main(process.argv[2]);
