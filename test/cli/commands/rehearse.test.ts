import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../../../src/cli/support/context.js';
import type { ScenarioResult } from '../../../src/rehearsal/report/rehearsal-report.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { Collected, penstock } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const spec = `
apiVersion: penstock/v1
endpoint: ranker
models:
  baseline: live
  candidate: { model: ranker-2 }
strategy:
  canary: { steps: [10%], bake: 30m }
guardrails:
  - alarm: ranker-5xx
  - { metric: errorRate, below: 2%, window: 5m }
notify:
  - { sns: 'arn:aws:sns:us-east-1:123456789012:on-call', on: [rollback, ended] }
`;

const source: Partial<Context> = {
  loadWorkflowSandbox: async () => workflowSandbox(await workflowBundle()),
};

describe('rehearse', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'penstock-test-'))));
  after(() => rmSync(folder, { recursive: true }));

  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const run = (args: string[], change: Partial<Context> = {}) =>
    penstock(['rehearse', write('ranker.yaml', spec), ...args], { ...source, ...change });

  it('rehearse: one scenario -> outcome, cost and timeline', async () => {
    const { exitCode, stdout } = await run(['--scenario', 'errs-much']);
    assert.equal(exitCode, 0);
    assertSnapshot('rehearse', stdout);
  });

  it('rehearse: several scenarios -> a table, with the reason of each that does not apply', async () => {
    const names = ['does-not-start', 'alarm-flaps', 'better', 'freeze-clock-change'];
    const stdout = Object.assign(new Collected(), { columns: 80 });
    const { exitCode } = await run(
      names.flatMap((name) => ['--scenario', name]),
      { stdout },
    );
    assert.equal(exitCode, 0);
    assertSnapshot('rehearse-table', stdout.text);
    for (const line of stdout.text.split('\n')) assert.ok([...line].length <= 80, line);
  });

  it('rehearse --json: scenario file with unmet expectations -> exit code 1, and what was found', async () => {
    const file = write(
      'leak.yaml',
      'candidate: { errorRate: 10% }\nexpect: { outcome: promoted, within: 1h }\n',
    );
    const { exitCode, stdout } = await run(['--scenario', file, '--json']);
    assert.equal(exitCode, 1);
    const [result] = JSON.parse(stdout) as ScenarioResult[];
    assert.ok(result?.kind === 'rehearsed');
    assert.equal(result.scenario, 'leak');
    assert.deepEqual(
      result.expectations.map(({ expected, isMet }) => [expected, isMet]),
      [
        ['outcome promoted', false],
        ['decision within 1h of the cause', true],
      ],
    );
  });

  it('rehearse: scenario file with a wrong field -> exit code 2, its place and what is allowed', async () => {
    const { exitCode, stderr } = await run([
      '--scenario',
      write('wrong.yaml', 'candidate: { errorrate: 5% }'),
    ]);
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /wrong\.yaml:1:14 candidate\.errorrate\n {2}There is no field errorrate; did you mean errorRate\?/,
    );
    assert.match(stderr, /allowed: errorRate, clientErrorRate/);
  });

  it('rehearse: unknown scenario -> exit code 2, and the known names', async () => {
    const { exitCode, stderr } = await run(['--scenario', 'calm']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^There is no scenario calm; expected .*healthy, errs-a-little, /);
  });

  it('rehearse: spec of waves -> exit code 2, and the advice to rehearse one endpoint', async () => {
    const { exitCode, stderr } = await penstock(['rehearse', 'examples/waves.yaml'], source);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^Cannot rehearse examples\/waves\.yaml: it describes waves; /);
  });

  it('rehearse --from-aws: account that was read -> its instances and its traffic are played', async () => {
    const readAccount: Context['readAccount'] = (plan) =>
      Promise.resolve({
        source: 'aws',
        endpoint: { variantName: 'main', instanceType: 'ml.c5.large', instances: 2 },
        traffic: { requestsPerSecond: 2, users: 50 },
        overloadAbove: null,
        baseline: { errorRate: 0, latencyMs: { p50: 20, p99: 60 } },
        alarms: plan.guardrails.flatMap((rule) =>
          rule.kind === 'alarm' ? [{ name: rule.alarmName, kind: 'quiet' as const }] : [],
        ),
        assumptions: [],
      });
    const { stdout } = await run(['--from-aws', '--json'], { readAccount });
    const [result] = JSON.parse(stdout) as ScenarioResult[];
    assert.ok(result?.kind === 'rehearsed');
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(result.candidate.ofUsers, 50);
    assert.ok(result.baseline.requests < 10_000, String(result.baseline.requests));
    assert.deepEqual(result.assumptions, [
      'endpoint: 2 ml.c5.large, as in AWS; 2 requests a second of 50 users',
      'alarm ranker-5xx: stays OK, because the rehearsal does not have its metric',
    ]);
  });
});
