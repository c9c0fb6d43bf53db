import assert from 'node:assert/strict';
import { type Account, openAccount } from '../aws-account.js';
import { signed } from '../http/signed.js';
import { trainingRequest } from '../sagemaker/training-fixtures.js';

interface Streams {
  logStreams: {
    logStreamName: string;
    arn: string;
    firstEventTimestamp: number;
    lastEventTimestamp: number;
  }[];
  nextToken?: string;
}

interface Events {
  events: { timestamp: number; message: string; logStreamName?: string }[];
  nextForwardToken: string;
  nextBackwardToken: string;
  nextToken?: string;
}

const logGroupName = '/aws/sagemaker/TrainingJobs';
const lines = ['Simulated training has started.', 'Reporting training SUCCESS'];

describe('emulated CloudWatch Logs', () => {
  let account: Account;
  let logStreamName: string;

  async function call<Output>(operation: string, input: object): Promise<Output> {
    const response = await fetch(account.emulator.url, {
      method: 'POST',
      headers: {
        ...signed,
        authorization: signed.authorization.replace('/monitoring/', '/logs/'),
        'x-amz-target': `Logs_20140328.${operation}`,
        'content-type': 'application/x-amz-json-1.1',
      },
      body: JSON.stringify(input),
    });
    const output = (await response.json()) as Output;
    if (response.ok) return output;
    const { __type, message } = output as { __type: string; message: string };
    throw Object.assign(new Error(message), { name: __type });
  }

  before(async () => {
    account = await openAccount();
    for (const name of ['job', 'other']) {
      const request = trainingRequest(name, 'simulated/x', { train: 's3://bucket/train' });
      await account.sageMaker.createTrainingJob(request);
      account.clock.advance(20);
    }
    const { logStreams } = await call<Streams>('DescribeLogStreams', {
      ...{ logGroupName, logStreamNamePrefix: 'job/' },
    });
    logStreamName = logStreams[0]?.logStreamName ?? '';
  });
  after(() => account.emulator.stop());

  const messages = ({ events }: Events) => events.map(({ message }) => message);

  it('DescribeLogStreams: jobs that trained -> a stream for each, in pages', async () => {
    assert.match(logStreamName, /^job\/algo-1-\d{10}$/);
    const first = await call<Streams>('DescribeLogStreams', { logGroupName, limit: 1 });
    assert.equal(first.logStreams[0]?.logStreamName, logStreamName);
    assert.equal(
      first.logStreams[0].arn,
      `arn:aws:logs:us-east-1:123456789012:log-group:${logGroupName}:log-stream:${logStreamName}`,
    );
    const second = await call<Streams>('DescribeLogStreams', { logGroupName, nextToken: first.nextToken });
    assert.deepEqual([second.logStreams.length, second.nextToken], [1, undefined]);
    const latest = await call<Streams>('DescribeLogStreams', {
      ...{ logGroupName, orderBy: 'LastEventTime', descending: true },
    });
    assert.match(latest.logStreams[0]?.logStreamName ?? '', /^other\//);
  });

  it('GetLogEvents: from the head -> all lines, and then the same token', async () => {
    const stream = { logGroupName, logStreamName };
    const all = await call<Events>('GetLogEvents', { ...stream, startFromHead: true });
    assert.deepEqual(messages(all), lines);
    const rest = await call<Events>('GetLogEvents', { ...stream, nextToken: all.nextForwardToken });
    assert.deepEqual([rest.events, rest.nextForwardToken], [[], all.nextForwardToken]);
    const back = await call<Events>('GetLogEvents', {
      ...stream,
      nextToken: all.nextForwardToken.replace('f', 'b'),
    });
    assert.deepEqual(messages(back), lines);
  });

  it('GetLogEvents: limit and time -> the newest lines first, or those of the time', async () => {
    const stream = { logGroupName, logStreamName };
    const newest = await call<Events>('GetLogEvents', { ...stream, limit: 1 });
    assert.deepEqual(messages(newest), lines.slice(1));
    const older = await call<Events>('GetLogEvents', { ...stream, nextToken: newest.nextBackwardToken });
    assert.deepEqual(messages(older), lines.slice(0, 1));
    const startTime = newest.events[0]!.timestamp;
    assert.deepEqual(messages(await call<Events>('GetLogEvents', { ...stream, startTime })), lines.slice(1));
    assert.deepEqual(
      messages(await call<Events>('GetLogEvents', { ...stream, endTime: startTime })),
      lines.slice(0, 1),
    );
  });

  it('FilterLogEvents: pattern and streams -> matching lines of all of them, in pages', async () => {
    const filter = (rest: object) => call<Events>('FilterLogEvents', { logGroupName, ...rest });
    assert.equal((await filter({})).events.length, 4);
    assert.deepEqual(messages(await filter({ filterPattern: 'training SUCCESS' })), [lines[1], lines[1]]);
    assert.deepEqual(messages(await filter({ filterPattern: '"training -SUCCESS"' })), []);
    assert.equal((await filter({ filterPattern: 'training -SUCCESS' })).events.length, 2);
    assert.equal((await filter({ filterPattern: '?started ?SUCCESS' })).events.length, 4);
    const own = await filter({ logStreamNames: [logStreamName], limit: 1 });
    assert.equal(own.events[0]?.logStreamName, logStreamName);
    const next = await filter({ logStreamNames: [logStreamName], nextToken: own.nextToken });
    assert.deepEqual(messages(next), lines.slice(1));
    await assert.rejects(filter({ filterPattern: '{ $.a = 1 }' }), { name: 'InvalidParameterException' });
  });

  it('log group or stream: missing -> ResourceNotFoundException', async () => {
    const name = 'ResourceNotFoundException';
    await assert.rejects(call('DescribeLogStreams', { logGroupName: '/none' }), {
      ...{ name, message: 'The specified log group does not exist.' },
    });
    await assert.rejects(call('GetLogEvents', { logGroupName, logStreamName: 'none' }), {
      ...{ name, message: 'The specified log stream does not exist.' },
    });
    await assert.rejects(call('GetLogEvents', { logGroupName, logStreamName, nextToken: 'x' }), {
      name: 'InvalidParameterException',
    });
  });
});
