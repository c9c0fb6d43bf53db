import assert from 'node:assert/strict';
import { AwsAccess } from '../../../src/switch/sagemaker/aws-access.js';
import { openEnvironment, send, type SwitchEnvironment } from '../switch-environment.js';

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

  it('AwsAccess: AWS_REGION -> the address of SageMaker Runtime in that region', async () => {
    const host = 'runtime.sagemaker.eu-central-1.amazonaws.com';
    assert.deepEqual(await addressOf({ AWS_REGION: 'eu-central-1' }), {
      ...{ origin: `https://${host}`, host, path: '', region: 'eu-central-1' },
    });
  });

  it('AwsAccess: endpoint URLs set -> AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME wins over AWS_ENDPOINT_URL', async () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:4600/base' };
    assert.deepEqual(await addressOf(env), {
      ...{ origin: 'http://127.0.0.1:4600', host: '127.0.0.1:4600', path: '/base', region: 'eu-west-1' },
    });
    const own = { AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: 'https://vpce.example.com' };
    assert.equal((await addressOf({ ...env, ...own })).origin, 'https://vpce.example.com');
  });

  it('AwsAccess: credentials expire -> renewed in advance without a wait, and null once expired', async () => {
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
    assert.notEqual(access.fresh(), null, 'valid for another minute');
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(loaded >= 2, 'the renewal has started');
    lastsMs = -1;
    await access.refresh();
    assert.equal(access.fresh(), null);
  });
});

describe('switch without AWS credentials', () => {
  let environment: SwitchEnvironment;
  afterEach(() => environment.stop());

  it('switch: no AWS credentials -> 503 with the reason only in its log, and recovers with credentials', async () => {
    let hasCredentials = false;
    environment = await openEnvironment({
      credentials: () =>
        hasCredentials ? Promise.resolve(credentials) : Promise.reject(new Error('no profile in /home/ada')),
    });
    const refused = await send(environment, { user: 'ada' });
    assert.equal(refused.status, 503);
    assert.doesNotMatch(await refused.text(), /profile/);
    assert.match(environment.logged.join('\n'), /no AWS credentials.*no profile in \/home\/ada/);
    hasCredentials = true;
    assert.equal((await send(environment, { user: 'ada' })).status, 200);
  });
});
