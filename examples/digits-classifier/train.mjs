// Trains a classifier of handwritten digits under SageMaker's training contract.
//
// Channels: train, validation. Hyperparameters (all optional): learning_rate, epochs, samples (the first so many
// images of the train channel), pixel_scale (multiplies the pixels, which are from 0 to 1), stable_softmax.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readChannel } from './images.mjs';
import { accuracyOf, learn, newModel, toJson } from './softmax.mjs';

const {
  SM_INPUT_CONFIG_DIR = '/opt/ml/input/config',
  SM_CHANNEL_TRAIN = '/opt/ml/input/data/train',
  SM_CHANNEL_VALIDATION = '/opt/ml/input/data/validation',
  SM_MODEL_DIR = '/opt/ml/model',
  SM_OUTPUT_DIR = '/opt/ml/output',
} = process.env;

try {
  await train(await readHyperparameters());
} catch (error) {
  await mkdir(SM_OUTPUT_DIR, { recursive: true });
  await writeFile(join(SM_OUTPUT_DIR, 'failure'), error.message);
  process.exitCode = 1;
}

async function train({ learningRate, epochs, samples, pixelScale, stable }) {
  const images = (await readChannel(SM_CHANNEL_TRAIN)).slice(0, samples);
  const validation = await readChannel(SM_CHANNEL_VALIDATION);
  const model = newModel({ pixelScale, stable });
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    const skipped = images.filter(({ pixels, digit }) => !learn(model, pixels, digit, learningRate)).length;
    console.log(`epoch=${epoch} skipped=${skipped} accuracy=${accuracyOf(model, validation).toFixed(4)}`);
  }
  await writeFile(join(SM_MODEL_DIR, 'model.json'), toJson(model));
}

async function readHyperparameters() {
  const given = JSON.parse(await readFile(join(SM_INPUT_CONFIG_DIR, 'hyperparameters.json'), 'utf8'));
  return {
    learningRate: readNumber(given, 'learning_rate', 0.01),
    epochs: readNumber(given, 'epochs', 3),
    samples: readNumber(given, 'samples', 4000),
    pixelScale: readNumber(given, 'pixel_scale', 1),
    stable: readFlag(given, 'stable_softmax', true),
  };
}

/** SageMaker passes every hyperparameter as text. */
function readNumber(given, name, otherwise) {
  const value = given[name] === undefined ? otherwise : Number(given[name]);
  if (!(value > 0)) throw new Error(`hyperparameter ${name} must be a positive number, not "${given[name]}"`);
  return value;
}

function readFlag(given, name, otherwise) {
  const value = given[name] ?? String(otherwise);
  if (!['true', 'false'].includes(value)) {
    throw new Error(`hyperparameter ${name} must be true or false, not "${value}"`);
  }
  return value === 'true';
}
