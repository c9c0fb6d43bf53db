import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { modelRequest } from '../../../src/activities/models/create-model.js';
import { ActivityTestEnvironment, failureOf, role } from '../activity-environment.js';
import { rolloutId } from '../endpoint/arms.js';

const secret = 'hf_0123456789abcdefgh';
const desired = {
  rolloutId,
  modelName: `${rolloutId}-b`,
  role,
  source: { image: 'simulated/server', artefact: 's3://bucket/model.tar.gz' },
  network: {},
  tags: {},
};

describe('createModel', () => {
  it('createModel: SageMaker quotes the environment in its rejection -> the failure does not', async () => {
    const testEnv = await ActivityTestEnvironment.open();
    testEnv.sagemaker.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName !== 'CreateModelCommand') return next(args);
          const message = `Value '{HF_TOKEN=${secret}}' at 'environment' failed to satisfy constraint`;
          const answer = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };
          return Promise.reject(Object.assign(new Error(message), answer));
        },
      { step: 'initialize' },
    );
    const settings = { PrimaryContainer: { Environment: { HF_TOKEN: secret } } };
    await assert.rejects(testEnv.run('createModel', { ...desired, settings }), (error) => {
      assert.ok(failureOf('Rejected', /HF_TOKEN=\*\*\*/)(error));
      assert.doesNotMatch(inspect(error, { depth: 10 }), new RegExp(secret));
      return true;
    });
    await testEnv.close();
  });

  it('createModel: model of this rollout from other settings -> NotOwned', async () => {
    const testEnv = await ActivityTestEnvironment.open();
    await testEnv.run('createModel', desired);
    const settings = { EnableNetworkIsolation: true };
    await assert.rejects(
      testEnv.run('createModel', { ...desired, settings }),
      failureOf('NotOwned', /from different input/),
    );
    await testEnv.close();
  });

  it('modelRequest: without settings -> one container, with the source of the model', () => {
    assert.deepEqual(modelRequest(desired), {
      ModelName: desired.modelName,
      ExecutionRoleArn: role,
      Containers: [{ Image: 'simulated/server', ModelDataUrl: 's3://bucket/model.tar.gz' }],
    });
  });
});
