import assert from 'node:assert/strict';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { readHistory } from '../../../src/cli/forecast/history.js';
import { UsageError } from '../../../src/cli/support/usage-error.js';
import { createShop, openAccount } from '../../emulator/aws-account.js';
import { planWith } from '../../plan/specs.js';

const guardrails = [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }];

describe('readHistory', () => {
  it('readHistory: traffic of two weeks -> the request rate and base rates; unknown endpoint -> UsageError', async () => {
    const account = await openAccount({
      traffic: [{ endpoint: 'shop', requestsPerSecond: 2 }],
      behaviours: [{ model: 'a', errorRate: 0.02 }],
    });
    try {
      await createShop(account, { a: 1 });
      account.clock.advance(30 * 3_600);
      const { awsConfig } = account.emulator;
      const clients = {
        sagemaker: new SageMakerClient(awsConfig),
        cloudwatch: new CloudWatchClient(awsConfig),
      };
      const plan = planWith({
        endpoint: 'shop',
        strategy: { canary: { steps: ['10%'], bake: '1h' } },
        guardrails,
      });
      const { requestsPerHour, baseRates } = await readHistory(plan, account.clock.now(), clients);
      assert.ok(Math.abs(requestsPerHour - 7_200) < 300, `${requestsPerHour}`);
      assert.ok(Math.abs(baseRates.get('errorRate-comparison')! - 2) < 0.2);
      const other = planWith({ endpoint: 'nowhere' });
      await assert.rejects(readHistory(other, account.clock.now(), clients), (error) => {
        return (
          error instanceof UsageError &&
          /Cannot read the traffic of nowhere .*: .*nowhere/.test(error.message)
        );
      });
    } finally {
      await account.emulator.stop();
    }
  });
});
