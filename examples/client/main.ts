import { placeAndCancel } from './place-and-cancel';

/** Runs the example at the API whose URL is the first argument. */
async function main(baseUrl = 'http://localhost:8000'): Promise<void> {
  const { id, status } = await placeAndCancel(baseUrl);
  process.stdout.write(`Order ${id} is ${status}\n`);
}

void main(process.argv[2]);
