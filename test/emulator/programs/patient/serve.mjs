// Answers with what training left in the model folder; crashes when it is asked to.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const word = readFileSync(join(process.env.SM_MODEL_DIR, 'word.txt'), 'utf8').trim();
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (String(Buffer.concat(chunks)) === 'crash') process.exit(1);
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(`${word} from ${process.pid}`);
}).listen(Number(process.env.SAGEMAKER_BIND_TO_PORT), '127.0.0.1');
