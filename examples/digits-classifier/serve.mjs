// Serves a trained classifier under SageMaker's serving contract: GET /ping and POST /invocations.
//
// Request {"pixels": [784 numbers from 0 to 1]}; answer {"digit": 7, "probability": 0.93}.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { classify, fromJson, pixelsPerImage } from './softmax.mjs';

const { SM_MODEL_DIR = '/opt/ml/model', SAGEMAKER_BIND_TO_PORT = '8080' } = process.env;
const model = fromJson(await readFile(join(SM_MODEL_DIR, 'model.json'), 'utf8'));

createServer((request, response) => {
  answer(request)
    .catch((error) => ({ status: 400, content: { error: error.message } }))
    .then(({ status, content }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(content));
    });
}).listen(Number(SAGEMAKER_BIND_TO_PORT), '127.0.0.1');

async function answer(request) {
  if (request.url === '/ping') return { status: 200, content: {} };
  if (request.url !== '/invocations' || request.method !== 'POST') return { status: 404, content: {} };
  const prediction = classify(model, readPixels(await readBody(request)));
  if (!prediction) return { status: 500, content: { error: 'prediction is not a number' } };
  return { status: 200, content: prediction };
}

function readPixels(text) {
  const { pixels } = JSON.parse(text);
  if (!Array.isArray(pixels) || pixels.length !== pixelsPerImage || !pixels.every(Number.isFinite)) {
    throw new Error(`pixels must be ${pixelsPerImage} numbers`);
  }
  return pixels;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
