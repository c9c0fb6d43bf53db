import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SageMaker } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntime } from '@aws-sdk/client-sagemaker-runtime';
import { type Emulator, startEmulator } from '../../../src/emulator/emulator.js';
import { clientsOf, createConfig } from '../aws-account.js';
import { settledStatus, trainingRequest, watchJob } from '../sagemaker/training-fixtures.js';

const words = 's3://examples/patient/data';

describe('program of a local image', () => {
  let emulator: Emulator;
  let sageMaker: SageMaker;
  let runtime: SageMakerRuntime;

  before(async () => {
    emulator = await startEmulator({
      programs: fileURLToPath(new URL('.', import.meta.url)),
      pace: { training: 0.2, creating: 0.2, updating: 0.2, deleting: 0.1 },
    });
    ({ sageMaker, runtime } = clientsOf(emulator));
  });
  after(() => emulator.stop());

  const train = async (name: string, program: string, channel: string, wait = 'false') => {
    await sageMaker.createTrainingJob(
      trainingRequest(name, `local/${program}`, { train: channel }, { wait }),
    );
  };

  it('training program: writes a failure reason -> the job fails with it', async () => {
    await train('crashing', 'crashing', words);
    const job = await watchJob(sageMaker, 'crashing');
    assert.equal(job.TrainingJobStatus, 'Failed');
    assert.equal(job.FailureReason, 'AlgorithmError: the data is of the wrong shape, exit code: 3');
  });

  it('training program: a channel has no files -> not started', async () => {
    await train('no-data', 'patient', 's3://bucket/none');
    const job = await watchJob(sageMaker, 'no-data');
    assert.equal(job.TrainingJobStatus, 'Failed');
    assert.match(job.FailureReason ?? '', /^ClientError: Data download failed:.*s3:\/\/bucket\/none/);
  });

  it('training program: the job is stopped -> SIGTERM', async () => {
    await train('stopped', 'patient', words, 'true');
    await watchJob(sageMaker, 'stopped', (job) => (job.FinalMetricDataList?.length ?? 0) > 0);
    await sageMaker.stopTrainingJob({ TrainingJobName: 'stopped' });
    assert.equal((await watchJob(sageMaker, 'stopped')).TrainingJobStatus, 'Stopped');
  });

  it('program: missing -> the request is refused', async () => {
    await assert.rejects(train('none', 'none', words), { name: 'ValidationException' });
  });

  it('program: trains and serves, then crashes -> restarted', async () => {
    await train('job', 'patient', words);
    const job = await watchJob(sageMaker, 'job');
    assert.equal(job.TrainingJobStatus, 'Completed', job.FailureReason);
    assert.deepEqual(
      job.FinalMetricDataList?.map((metric) => [metric.MetricName, metric.Value]),
      [['train:loss', 0.5]],
    );
    await serve('patient', job.ModelArtifacts?.S3ModelArtifacts ?? '');
    assert.equal(await settledStatus(sageMaker, 'patient'), 'InService');
    const first = await invoke('patient', 'tell');
    assert.match(first, /^hello from \d+$/);
    await assert.rejects(invoke('patient', 'crash'), { name: 'ModelError', OriginalStatusCode: 502 });
    let second = first;
    for (let attempt = 0; attempt < 1_000 && second === first; attempt += 1) {
      await sleep(100);
      second = await invoke('patient', 'tell').catch(() => first);
    }
    assert.match(second, /^hello from \d+$/);
    assert.notEqual(second, first);
  });

  it('serving program: its variant is replaced -> requests in progress get a response first', async () => {
    let replaced = false;
    const failures: unknown[] = [];
    const caller = async () => {
      while (!replaced) await invoke('patient', 'tell').catch((error: unknown) => failures.push(error));
    };
    const callers = [caller(), caller(), caller()];
    await createConfig(sageMaker, 'again', { patient: 1 });
    await sageMaker.updateEndpoint({ EndpointName: 'patient', EndpointConfigName: 'again' });
    await settledStatus(sageMaker, 'patient');
    await sleep(500);
    replaced = true;
    await Promise.all(callers);
    assert.deepEqual(failures, []);
  });

  it('serving program: no response to /ping -> a new endpoint is Failed, a live one keeps its old config', async () => {
    await serve('unhealthy', words);
    assert.equal(await settledStatus(sageMaker, 'unhealthy'), 'Failed');
    await sageMaker.updateEndpoint({ EndpointName: 'patient', EndpointConfigName: 'unhealthy' });
    assert.equal(await settledStatus(sageMaker, 'patient'), 'InService');
    const endpoint = await sageMaker.describeEndpoint({ EndpointName: 'patient' });
    assert.equal(endpoint.EndpointConfigName, 'again');
    assert.match(endpoint.FailureReason ?? '', /variant unhealthy did not pass the ping health check/);
    assert.match(await invoke('patient', 'tell'), /^hello/);
  });

  async function serve(program: string, ModelDataUrl: string): Promise<void> {
    const Image = `local/${program}`;
    await sageMaker.createModel({ ModelName: program, PrimaryContainer: { Image, ModelDataUrl } });
    await createConfig(sageMaker, program, { [program]: 1 });
    await sageMaker.createEndpoint({ EndpointName: program, EndpointConfigName: program });
  }

  async function invoke(EndpointName: string, Body: string): Promise<string> {
    const answer = await runtime.invokeEndpoint({ EndpointName, Body, ContentType: 'text/plain' });
    return answer.Body.transformToString();
  }
});
