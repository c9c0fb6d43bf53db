import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { SageMaker } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntime } from '@aws-sdk/client-sagemaker-runtime';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import { clientsOf, createConfig } from '../emulator/aws-account.js';
import { settledStatus, trainingRequest, watchJob } from '../emulator/sagemaker/training-fixtures.js';

interface GoldenRecord {
  body: { pixels: number[] };
  contentType: string;
  expect: { digit: number };
}

const channels = {
  train: 's3://examples/digits-classifier/data/train',
  validation: 's3://examples/digits-classifier/data/validation',
};

const hyperparameters = {
  good: { learning_rate: '0.01' },
  weak: { learning_rate: '0.00001' },
  failing: { learning_rate: '0.00003', pixel_scale: '255', stable_softmax: 'false' },
};

describe('digits classifier on the emulator', () => {
  let emulator: Emulator;
  let sageMaker: SageMaker;
  let runtime: SageMakerRuntime;
  const accuracy: Record<string, number> = {};

  before(async () => {
    emulator = await startEmulator({ pace: { training: 0.2, creating: 0.2 } });
    ({ sageMaker, runtime } = clientsOf(emulator));
    for (const [name, given] of Object.entries(hyperparameters)) await trainModel(name, given);
    await createConfig(sageMaker, 'digits', { good: 1, weak: 1, failing: 1 });
    await sageMaker.createEndpoint({ EndpointName: 'digits', EndpointConfigName: 'digits' });
    assert.equal(await settledStatus(sageMaker, 'digits'), 'InService');
  });
  after(() => emulator.stop());

  async function trainModel(name: string, given: Record<string, string>): Promise<void> {
    const Image = 'local/digits-classifier';
    await sageMaker.createTrainingJob(trainingRequest(name, Image, channels, given));
    const job = await watchJob(sageMaker, name);
    assert.equal(job.TrainingJobStatus, 'Completed', job.FailureReason);
    accuracy[name] = job.FinalMetricDataList?.[0]?.Value ?? NaN;
    const ModelDataUrl = job.ModelArtifacts?.S3ModelArtifacts;
    await sageMaker.createModel({ ModelName: name, PrimaryContainer: { Image, ModelDataUrl } });
  }

  async function classify(TargetVariant: string, pixels: number[]): Promise<number> {
    const response = await runtime.invokeEndpoint({
      EndpointName: 'digits',
      TargetVariant,
      Body: JSON.stringify({ pixels }),
      ContentType: 'application/json',
    });
    return (JSON.parse(response.Body.transformToString()) as { digit: number }).digit;
  }

  it('digits classifier: learning rates -> the expected accuracies', () => {
    const isWithin = (name: string, low: number, high: number) => {
      const value = accuracy[name] ?? NaN;
      assert.ok(value > low && value < high, `${name}: ${value}`);
    };
    isWithin('good', 0.86, 0.94);
    isWithin('weak', 0.6, 0.76);
    isWithin('failing', 0.6, 0.8);
  });

  it('digits classifier: golden requests -> passed, also by the model that fails under traffic', async () => {
    const lines = (await readFile('examples/digits-classifier/golden.jsonl', 'utf8')).trim().split('\n');
    const golden = lines.map((line) => JSON.parse(line) as GoldenRecord);
    const matches = async (variant: string) => {
      let matched = 0;
      for (const { body, expect } of golden) {
        const digit = await classify(variant, body.pixels).catch(() => null);
        if (digit === expect.digit) matched += 1;
      }
      return matched;
    };
    assert.equal(golden.length, 20);
    assert.equal(await matches('good'), 20);
    assert.ok((await matches('failing')) >= 18);
  });

  it('digits classifier: failing hyperparameters -> errors for a part of the traffic; good ones -> none', async () => {
    const images = await readTraffic(5000, 5300);
    const errors: Record<string, number> = { good: 0, failing: 0 };
    for (const variant of Object.keys(errors)) {
      for (const { pixels } of images) {
        await classify(variant, pixels).catch((error: Error & { OriginalStatusCode?: number }) => {
          assert.deepEqual([error.name, error.OriginalStatusCode], ['ModelError', 500]);
          assert.match(error.message, /prediction is not a number/);
          errors[variant] = (errors[variant] ?? 0) + 1;
        });
      }
    }
    const failed = (errors['failing'] ?? NaN) / images.length;
    assert.ok(failed > 0.05 && failed < 0.3, `${failed} of the requests fail`);
    assert.equal(errors['good'], 0);
  });

  it('digits classifier: invalid image or hyperparameter -> rejected', async () => {
    await assert.rejects(classify('good', [1, 2, 3]), { name: 'ModelError', OriginalStatusCode: 400 });
    const request = trainingRequest('bad', 'local/digits-classifier', channels, { epochs: 'many' });
    await sageMaker.createTrainingJob(request);
    const job = await watchJob(sageMaker, 'bad');
    assert.equal(
      job.FailureReason,
      'AlgorithmError: hyperparameter epochs must be a positive number, not "many", exit code: 1',
    );
  });
});

async function readTraffic(from: number, to: number): Promise<{ pixels: number[]; digit: number }[]> {
  // A JavaScript program of the examples, without types.
  const path = new URL('../../examples/digits-classifier/images.mjs', import.meta.url).href;
  const { readImages } = (await import(path)) as {
    readImages: (from: number, to: number) => Promise<{ pixels: number[]; digit: number }[]>;
  };
  return readImages(from, to);
}
