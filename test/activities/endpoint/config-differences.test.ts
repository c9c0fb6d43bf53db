import assert from 'node:assert/strict';
import { configDifferences } from '../../../src/activities/endpoint/config-differences.js';
import type { ConfigSettings, DesiredDeployment } from '../../../src/activities/interface/deployment.js';

const base: ConfigSettings = {
  ProductionVariants: [
    {
      ...{ VariantName: 'main', ModelName: 'digits-v1', InstanceType: 'ml.m5.large' },
      ...{ InitialInstanceCount: 2, InitialVariantWeight: 1 },
      VolumeSizeInGB: 64,
      ManagedInstanceScaling: { Status: 'ENABLED', MinInstanceCount: 1, MaxInstanceCount: 4 },
    },
  ],
  KmsKeyId: 'key-1',
};
const candidate = {
  ...{ name: 'b-1a2b3c4d', modelName: 'digits-v2', instanceType: 'ml.g5.xlarge' },
  ...{ count: 2, weight: 100 },
};
const deployment: DesiredDeployment = {
  ...{ configName: 'digits-1a2b3c4d-b', owned: true, base, copies: 'main', replaces: null },
  ...{ createsEndpoint: false, variants: [candidate], shadow: null, scaling: null },
  metricPeriodSeconds: 10,
  tags: { config: {}, endpoint: {} },
};

describe('differences of a config', () => {
  it('config: copy for another instance type -> omitted members with their reasons', () => {
    const { variants, removedVariants } = configDifferences(deployment);
    assert.deepEqual(variants[0]?.omitted, [
      {
        member: 'ManagedInstanceScaling',
        before: { Status: 'ENABLED', MinInstanceCount: 1, MaxInstanceCount: 4 },
        reason: 'SageMaker accepts it for inference components only',
      },
      { member: 'VolumeSizeInGB', before: 64, reason: 'ml.g5.xlarge has disks of its own, of a fixed size' },
    ]);
    assert.deepEqual(removedVariants, ['main']);
  });

  it('config: settings -> kept and added, without names and variants', () => {
    const { kept, changed, added, omitted } = configDifferences(deployment);
    const after = { EnableEnhancedMetrics: true, MetricPublishFrequencyInSeconds: 10 };
    assert.deepEqual([kept, changed, omitted], [['KmsKeyId'], [], []]);
    assert.deepEqual(added, [{ member: 'MetricsConfig', after }]);
  });

  it('config: shadow -> a copy of the live variant', () => {
    const main = { ...candidate, name: 'main', modelName: 'digits-v1', instanceType: 'ml.m5.large' };
    const { variants } = configDifferences({ ...deployment, variants: [main], shadow: candidate });
    assert.deepEqual(
      variants.map(({ name, isShadow, comparedWith }) => [name, isShadow, comparedWith]),
      [
        ['main', false, 'main'],
        ['b-1a2b3c4d', true, 'main'],
      ],
    );
  });

  it('config: no endpoint is live -> all members are added', () => {
    const { variants } = configDifferences({ ...deployment, base: null, copies: null });
    assert.equal(variants[0]?.comparedWith, null);
    assert.deepEqual(
      variants[0].added.map(({ member }) => member),
      ['InitialInstanceCount', 'InitialVariantWeight', 'InstanceType', 'ModelName'],
    );
  });
});
