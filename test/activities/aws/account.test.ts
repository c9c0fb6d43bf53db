import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { orNull, readAws } from '../../../src/activities/aws/errors.js';
import {
  checkAccountOfNotFound,
  createWorkerAccount,
  inStartAccount,
} from '../../../src/activities/aws/account.js';

type Answer = { EndpointArn?: string } | Error;

const startedIn = { account: '123456789012', region: 'us-east-1', endpoint: 'digits' };

function arnOf({ account, region }: typeof startedIn, partition = 'aws'): string {
  return `arn:${partition}:sagemaker:${region}:${account}:endpoint/digits`;
}

function notFound(arn: string): Error {
  const error = new Error(`Could not find endpoint "${arn}".`);
  return Object.assign(error, { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
}

/** Answers in turn; the last one stays. */
class FakeSageMaker {
  asked = 0;

  constructor(private readonly answers: [Answer, ...Answer[]]) {}

  get client(): SageMakerClient {
    const send = () => {
      this.asked++;
      const [answer, ...later] = this.answers;
      if (later.length > 0) this.answers.splice(0, 1);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    return { send } as unknown as SageMakerClient;
  }
}

function within<T>(work: () => Promise<T>): Promise<T> {
  return new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 }).run(work);
}

const elsewhere = { ...startedIn, account: '999999999999' };

describe('account of a worker', () => {
  const answers: Record<string, Answer> = {
    'endpoint exists': { EndpointArn: arnOf(startedIn) },
    'endpoint does not exist': notFound(arnOf(startedIn)),
    'other partition': notFound(arnOf(startedIn, 'aws-us-gov')),
  };
  for (const [name, answer] of Object.entries(answers))
    it(`read: ${name} -> account and region`, async () => {
      const { client } = new FakeSageMaker([answer]);
      const found = await within(() => createWorkerAccount(client).read('digits'));
      assert.deepEqual(found, { account: '123456789012', region: 'us-east-1' });
    });

  it('read: answer without an ARN -> null', async () => {
    const { client } = new FakeSageMaker([notFound('digits')]);
    assert.equal(await within(() => createWorkerAccount(client).read('digits')), null);
  });

  it('read: access denied -> the failure of the call', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const reading = within(() => createWorkerAccount(new FakeSageMaker([denied]).client).read('digits'));
    await assert.rejects(
      reading,
      (error) => error instanceof ApplicationFailure && error.type === 'AccessDenied',
    );
  });

  it('require: right account -> asks once for many activities', async () => {
    const sagemaker = new FakeSageMaker([notFound(arnOf(startedIn))]);
    const worker = createWorkerAccount(sagemaker.client);
    for (let n = 0; n < 3; n++) await within(() => worker.require(startedIn));
    assert.equal(sagemaker.asked, 1);
  });

  it('require: the account was read before -> does not ask', async () => {
    const sagemaker = new FakeSageMaker([notFound(arnOf(startedIn))]);
    const worker = createWorkerAccount(sagemaker.client);
    await within(() => worker.read('digits'));
    await within(() => worker.require(startedIn));
    assert.equal(sagemaker.asked, 1);
  });

  for (const found of [elsewhere, { ...startedIn, region: 'eu-central-1' }])
    it(`require: worker in ${found.account}, ${found.region} -> WrongAccount, retryable, asks again`, async () => {
      const sagemaker = new FakeSageMaker([
        notFound(arnOf(found)),
        { EndpointArn: arnOf(found) },
        { EndpointArn: arnOf(startedIn) },
      ]);
      const worker = createWorkerAccount(sagemaker.client);
      for (let n = 0; n < 2; n++)
        await assert.rejects(
          within(() => worker.require(startedIn)),
          (error) =>
            error instanceof ApplicationFailure &&
            error.type === 'WrongAccount' &&
            error.nonRetryable !== true &&
            error.message.includes(
              `account ${found.account}, region ${found.region}; the rollout started in account 1`,
            ),
        );
      await within(() => worker.require(startedIn));
      assert.equal(sagemaker.asked, 3);
    });

  it('require: answer without an ARN -> continues', async () => {
    const { client } = new FakeSageMaker([notFound('digits')]);
    await within(() => createWorkerAccount(client).require(startedIn));
  });

  it('activity in the start account: other account -> does not run', async () => {
    const { client } = new FakeSageMaker([notFound(arnOf(elsewhere))]);
    let ran = 0;
    const run = (argument: { name: string }) => Promise.resolve(`${argument.name} ${++ran}`);
    const activity = inStartAccount(createWorkerAccount(client))(run);
    await assert.rejects(within(() => activity({ name: 'digits', startedIn })));
    assert.equal(await within(() => activity({ name: 'digits' })), 'digits 1');
  });
});

describe('answer "not found" after the check of the account', () => {
  /** A client whose credentials are those of `account` at each call. */
  function clientIn(state: { account: string; isNamed: boolean }): SageMakerClient {
    const handle = (request: { headers: Record<string, string> }) => {
      const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
      const arn = arnOf({ ...startedIn, account: state.account });
      const isNamed = state.isNamed || operation === 'DescribeEndpoint';
      const message = isNamed ? `Could not find "${arn}".` : 'Requested resource not found.';
      const name = isNamed ? 'ValidationException' : 'ResourceNotFound';
      const body = Readable.from([Buffer.from(JSON.stringify({ __type: name, message }))]);
      const headers = { 'content-type': 'application/x-amz-json-1.1' };
      return Promise.resolve({ response: { statusCode: 400, headers, body } });
    };
    return new SageMakerClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: { handle },
    });
  }

  type Call = (client: SageMakerClient) => Promise<unknown>;
  const calls: Record<string, Call> = {
    DescribeEndpoint: (client) => client.send(new DescribeEndpointCommand({ EndpointName: 'digits' })),
    DescribeEndpointConfig: (client) =>
      client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'digits' })),
    DescribeTrainingJob: (client) =>
      client.send(new DescribeTrainingJobCommand({ TrainingJobName: 'digits' })),
  };
  for (const [operation, send] of Object.entries(calls))
    for (const isNamed of [true, false])
      for (const account of [startedIn.account, elsewhere.account]) {
        const isElsewhere = account !== startedIn.account;
        const answer = isNamed ? 'ARN in the answer' : 'no ARN in the answer';
        const result = isElsewhere ? 'WrongAccount' : 'not found';
        it(`${operation}: account ${account}, ${answer} -> ${result}`, async () => {
          const state = { account: startedIn.account, isNamed };
          const client = clientIn(state);
          const worker = createWorkerAccount(client);
          checkAccountOfNotFound(client, worker);
          const activity = inStartAccount(worker)(() => {
            state.account = account;
            return orNull(readAws(() => send(client)));
          });
          const call = within(() => activity({ startedIn }));
          if (!isElsewhere) assert.equal(await call, null);
          else
            await assert.rejects(call, { type: 'WrongAccount', message: /999999999999.*started in .*1234/ });
        });
      }
});
