import assert from 'node:assert/strict';
import { AwsAccess } from '../../../src/switch/sagemaker/aws-access.js';
import { openStage, send, type Stage } from '../switch-environment.js';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

describe('AwsAccess', () => {
  const kept = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, kept);
  });

  const addressOf = async (env: Record<string, string>) => {
    Object.assign(process.env, env);
    const { origin, host, path, region } = await AwsAccess.open({ credentials });
    return { origin, host, path, region };
  };

  it('is where the region’s SageMaker Runtime is', async () => {
    const host = 'runtime.sagemaker.eu-central-1.amazonaws.com';
    assert.deepEqual(await addressOf({ AWS_REGION: 'eu-central-1' }), {
      ...{ origin: `https://${host}`, host, path: '', region: 'eu-central-1' },
    });
  });

  it('is where AWS_ENDPOINT_URL says, and before it AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME', async () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:4600/base' };
    assert.deepEqual(await addressOf(env), {
      ...{ origin: 'http://127.0.0.1:4600', host: '127.0.0.1:4600', path: '/base', region: 'eu-west-1' },
    });
    const own = { AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: 'https://vpce.example.com' };
    assert.equal((await addressOf({ ...env, ...own })).origin, 'https://vpce.example.com');
  });

  it('renews credentials in time, without anybody waiting, and has none once they have ended', async () => {
    let loaded = 0;
    let lastsMs = 60_000;
    const access = await AwsAccess.open({
      region: 'eu-west-1',
      credentials: () =>
        Promise.resolve({
          ...credentials,
          sessionToken: `${++loaded}`,
          expiration: new Date(Date.now() + lastsMs),
        }),
    });
    assert.equal(access.fresh(), null);
    await access.refresh();
    assert.notEqual(access.fresh(), null, 'they last for another minute');
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(loaded >= 2, 'and new ones are on their way');
    lastsMs = -1;
    await access.refresh();
    assert.equal(access.fresh(), null);
  });
});

describe('a switch without AWS credentials', () => {
  let stage: Stage;
  afterEach(() => stage.stop());

  it('answers 503, says why in its log alone, and goes on when there are some', async () => {
    let isThere = false;
    stage = await openStage({
      credentials: () =>
        isThere ? Promise.resolve(credentials) : Promise.reject(new Error('no profile in /home/ada')),
    });
    const refused = await send(stage, { user: 'ada' });
    assert.equal(refused.status, 503);
    assert.doesNotMatch(await refused.text(), /profile/);
    assert.match(stage.logged.join('\n'), /no AWS credentials.*no profile in \/home\/ada/);
    isThere = true;
    assert.equal((await send(stage, { user: 'ada' })).status, 200);
  });
});
