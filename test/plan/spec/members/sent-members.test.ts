/** The AWS SDK sends every member that a spec may set. It drops members that it does not know, without an error. */
import assert from 'node:assert/strict';
import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { awsShape } from '../../../../src/plan/spec/members/aws-shapes.js';
import {
  modelSettingsOf,
  trainingSettingsOf,
  variantSettingsOf,
  type SettingsOf,
} from '../../../../src/plan/spec/members/refused-members.js';

/** A value with every allowed member. */
function everyMember(settings: SettingsOf, name = settings.shape, path = ''): unknown {
  const shape = awsShape(name);
  switch (shape.type) {
    case 'structure': {
      const members = Object.entries(shape.members ?? {}).flatMap(([member, inner]) => {
        const at = path === '' ? member : `${path}.${member}`;
        return settings.refused[at] === undefined ? [[member, everyMember(settings, inner, at)]] : [];
      });
      return Object.fromEntries(members) as object;
    }
    case 'list':
      return [everyMember(settings, shape.item, path)];
    case 'map':
      return { name: everyMember(settings, shape.item, path) };
    case 'string':
      return 'text';
    case 'boolean':
      return true;
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return 1;
  }
}

async function bodySent(send: (sagemaker: SageMakerClient) => Promise<unknown>): Promise<unknown> {
  let body = '';
  const sagemaker = new SageMakerClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      handle: (request: { body: Uint8Array | string }) => {
        body = Buffer.from(request.body).toString('utf8');
        return Promise.reject(new Error('not sent'));
      },
    } as never,
  });
  await assert.rejects(send(sagemaker), /not sent/);
  return JSON.parse(body);
}

describe('members that the SDK sends', () => {
  const whole = (settings: SettingsOf) => everyMember(settings) as never;

  it('serve.variant: every allowed member -> sent', async () => {
    const variant = whole(variantSettingsOf);
    const body = await bodySent((sagemaker) =>
      sagemaker.send(
        new CreateEndpointConfigCommand({ EndpointConfigName: 'a', ProductionVariants: [variant] }),
      ),
    );
    assert.deepEqual(body, { EndpointConfigName: 'a', ProductionVariants: [variant] });
  });

  it('settings of a model: every allowed member -> sent', async () => {
    const settings = whole(modelSettingsOf);
    const body = await bodySent((sagemaker) => sagemaker.send(new CreateModelCommand(settings)));
    assert.deepEqual(body, settings);
  });

  it('settings of a training job: every allowed member -> sent', async () => {
    const settings = whole(trainingSettingsOf);
    const body = await bodySent((sagemaker) => sagemaker.send(new CreateTrainingJobCommand(settings)));
    assert.deepEqual(body, settings);
  });
});
