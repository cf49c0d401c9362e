// A receiver of webhooks in a process of its own, so that a test can kill it. It verifies each request with the
// package of Standard Webhooks, and adds the id of the event to a file before it responds.
// Arguments: the port, the secret, and the file.

const { appendFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { Webhook } = require('standardwebhooks');

const [port, secret, file] = process.argv.slice(2);
const webhook = new Webhook(secret);

async function receive(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  try {
    const event = webhook.verify(body, request.headers);
    appendFileSync(file, `${event.id}\n`);
    return 204;
  } catch (error) {
    appendFileSync(file, `not verified: ${error.message}\n`);
    return 400;
  }
}

createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status).end(),
    () => response.destroy(), // the sender was killed
  );
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('The receiver listens\n'));
