/** examples/registry-group.yaml, played in an emulated account. */
import assert from 'node:assert/strict';
import { DescribeModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import type { SpecJson } from '../../src/client.js';
import type { RolloutResult } from '../../src/workflows/messages.js';
import { readExample } from '../plan/examples.js';
import { addVersion, openWithGroup } from '../simulation/registry/registry-account.js';

const file = 'registry-group.yaml';

describe(`examples/${file}`, () => {
  it('newest approved version -> promoted, in the stage of the spec', async () => {
    const { json } = parseSpec(readExample(file), file);
    const simulation = await openWithGroup({}, { endpoint: 'churn', group: 'churn' });
    const version = await addVersion(simulation, 'Approved', 'churn');
    const result = (await simulation.startRollout(json as SpecJson).result()) as RolloutResult;
    assert.deepEqual([result.outcome, result.version, result.leftovers], ['promoted', version, []]);
    const command = new DescribeModelPackageCommand({ ModelPackageName: version });
    const { ModelLifeCycle, CustomerMetadataProperties } = await simulation.aws.sagemaker.send(command);
    assert.equal(ModelLifeCycle?.StageStatus, 'Live');
    assert.equal(CustomerMetadataProperties?.['penstock:rollout'], result.rolloutId);
    await simulation.close();
  });
});
