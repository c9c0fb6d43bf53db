import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { coloursFor } from '../../../src/cli/view/colours.js';
import { renderStatus } from '../../../src/cli/view/status-view.js';
import type { LiveStatus } from '../../../src/client.js';
import type { GateStatus } from '../../../src/workflows/messages.js';
import { bakingStatus, endedStatus, now, verdictOf } from '../../client/rollouts/statuses.js';
import { assertSnapshot } from '../snapshots.js';

const plain = coloursFor({}, {});

function render(status: LiveStatus): string {
  return `${renderStatus(status, now, plain).join('\n')}\n`;
}

function gatedStatus(gate: Partial<GateStatus>): LiveStatus {
  const message = gate.message ?? 'gate the-gate: waits';
  return bakingStatus({
    phase: 'gated',
    reason: message,
    gate: { id: 'the-gate', kind: 'manual', message, approvals: [], people: null, ...gate },
    waitingFor: { what: message, until: '2026-11-26T12:00:00.000Z' },
    watch: { mode: 'guarding', need: 'allKnown', since: '2026-11-23T11:57:00.000Z' },
  });
}

describe('renderStatus', () => {
  it('renderStatus: baking -> weights, verdicts and the next attempt', () => {
    assertSnapshot('view-baking', render(bakingStatus()));
  });

  it('renderStatus: variants from the model registry -> their versions', () => {
    const arn = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/7';
    const { variants } = bakingStatus();
    const status = bakingStatus({
      variants: variants.map((each) => ({ ...each, version: each.role === 'candidate' ? arn : null })),
    });
    assert.deepEqual(render(status).match(/version \S+/g), ['version digits/7']);
  });

  it('renderStatus: planning -> no strategy and no rows yet', () => {
    const status = bakingStatus({
      rolloutId: null,
      strategy: null,
      phase: 'planning',
      reason: 'validating the spec',
      step: { n: 0, of: 0 },
      waitingFor: null,
      watch: null,
      jobs: [],
      variants: [],
      verdicts: [],
      observation: null,
      pending: [],
    });
    assertSnapshot('view-planning', render(status));
  });

  it('renderStatus: hold, unknown weights and a failing activity -> a warning for each', () => {
    const base = bakingStatus();
    const status = bakingStatus({
      paused: true,
      hold: { reason: 'unknown', message: 'error rate: no data since 11:58' },
      waitingFor: { what: 'error rate: no data since 11:58', until: '2026-11-24T12:00:00.000Z' },
      watch: { mode: 'overdue', need: 'allKnown', since: '2026-11-23T11:58:00.000Z' },
      warnings: ['the tag aws:cloudformation:stack-name of endpoint digits says that a stack owns it'],
      jobs: [{ role: 'baseline', jobName: 'digits-0a1b2c3d-a', state: 'stopped', message: 'stopped by bob' }],
      variants: base.variants.map((variant) => ({
        ...variant,
        actualWeight: null,
        requests: null,
        p99Ms: null,
      })),
      verdicts: [
        verdictOf('errorRate', 'inconclusive', 'noData', 'error rate: no data, window 3 of 6'),
        verdictOf('latency', 'inconclusive', 'awaitingFirstWindow', 'p99 latency: first window not over yet'),
        verdictOf('alarm:digits-5xx', 'error', 'readError', 'alarm digits-5xx cannot be read'),
      ],
      pending: [
        {
          activity: 'watchTraffic',
          attempt: 3,
          message: 'Rate exceeded',
          failureType: 'Throttled',
          nextTryAt: null,
          isRepeated: false,
        },
      ],
    });
    assertSnapshot('view-holding', render(status));
  });

  it('renderStatus: approval gate -> the command, the approvals and the required number', () => {
    const message = 'gate approval-before-50%: waits for the approval of 2 different people, not the starter';
    const status = gatedStatus({
      id: 'approval-before-50%',
      kind: 'approval',
      people: 2,
      approvals: ['bob'],
      message,
    });
    assertSnapshot('view-gated', render(status));
  });

  const opens: [GateStatus['kind'], RegExp][] = [
    ['manual', /Gate +the-gate: `penstock promote digits` opens it/],
    ['webhook', /Gate +the-gate: the worker polls its webhook until it answers yes or no/],
    ['hours', /Gate +the-gate: opens automatically.*; `penstock promote digits` opens it now/],
  ];
  for (const [kind, expected] of opens) {
    it(`renderStatus: gate of kind ${kind} -> what opens it`, () => {
      assert.match(render(gatedStatus({ kind })), expected);
    });
  }

  it('renderStatus: check before a change without user traffic -> says that unknown guardrails do not hold', () => {
    const watch = { mode: 'lastCheck', need: 'noAlarmFiring', since: '2026-11-23T11:59:57.000Z' } as const;
    assert.match(
      render(bakingStatus({ phase: 'shifting', watch })),
      /Watch +last check before a change for 3s; an unknown guardrail does not hold the rollout\n/,
    );
  });

  it('renderStatus: gate and hold -> both', () => {
    const text = render({
      ...gatedStatus({ kind: 'manual' }),
      hold: { reason: 'unknown', message: 'no data' },
    });
    assert.match(text, /Gate +the-gate: `penstock promote digits` opens it\n +Holding +no data, until 2026/);
  });

  it('renderStatus: rollback window -> its end and the commands', () => {
    const status = bakingStatus({
      phase: 'rollbackWindow',
      reason: 'the candidate serves all traffic, verified; the baseline is kept warm',
      step: { n: 5, of: 5 },
      waitingFor: { what: 'the end of the rollback window', until: '2026-11-29T12:00:00.000Z' },
      watch: { mode: 'guarding', need: 'allKnown', since: '2026-11-23T11:00:00.000Z' },
      variants: bakingStatus().variants.map((variant) => {
        const share = variant.role === 'candidate' ? 100 : 0;
        return { ...variant, setWeight: share, actualWeight: share };
      }),
    });
    assertSnapshot('view-rollback-window', render(status));
    const held = render({
      ...status,
      hold: { reason: 'unknown', message: 'no data' },
      waitingFor: { what: 'no data', until: null },
    });
    assert.match(held, /Rollback window +open; `penstock undo digits`/);
  });

  it('renderStatus: shadow -> copies instead of a weight', () => {
    const [baseline, candidate] = bakingStatus().variants;
    const seen = {
      endpoint: 'digits',
      configName: 'digits-0a1b2c3d-s',
      currentCount: 2,
      desiredCount: 2,
      status: null,
    };
    const status = bakingStatus({
      reason: 'watching the candidate with copies of 50 % of the traffic',
      step: { n: 1, of: 5 },
      variants: [
        { ...baseline!, setWeight: 100, actualWeight: 100 },
        { ...candidate!, setWeight: 0, actualWeight: 0 },
      ],
      observation: {
        ...bakingStatus().observation!,
        variants: [
          { ...seen, name: baseline!.name, currentWeight: 2, desiredWeight: 2 },
          { ...seen, name: candidate!.name, currentWeight: 1, desiredWeight: 1, shadow: true },
        ],
      },
    });
    assertSnapshot('view-shadow', render(status));
  });

  it('renderStatus: experiment -> goals beside guardrails', () => {
    const message = 'conversion 4.1 % and 3.9 %: difference -0.1 to 0.5 points, not decided';
    const status = bakingStatus({
      reason: 'testing the candidate at 50 % of the traffic',
      strategy: 'canary+abTest',
      step: { n: 3, of: 4 },
      waitingFor: { what: 'the goals to decide', until: '2026-12-21T12:00:00.000Z' },
      verdicts: [
        ...bakingStatus().verdicts,
        verdictOf('goal:conversion', 'inconclusive', 'undecided', message),
      ],
    });
    assertSnapshot('view-experiment', render(status));
  });

  it('renderStatus: ended -> the outcome', () => {
    assertSnapshot('view-promoted', render(endedStatus()));
    const failed = verdictOf(
      'errorRate',
      'fail',
      'outOfBound',
      'error rate 4.2 % is not < 1 %, window 4 of 6',
    );
    const rolledBack = endedStatus({ outcome: 'rolledBack', reason: failed.message, verdicts: [failed] });
    assertSnapshot('view-rolled-back', render(rolledBack));
  });

  it('renderStatus: terminated workflow -> a warning instead of an outcome', () => {
    const [title, ...rest] = renderStatus(bakingStatus({ execution: 'terminated' }), now, plain);
    assert.match(title ?? '', /^⚠/);
    assert.match(rest.join('\n'), /nothing was rolled back/);
  });

  it('renderStatus: colours -> the same text, baseline green and candidate yellow', () => {
    const coloured = renderStatus(bakingStatus(), now, coloursFor({ isTTY: true }, {})).join('\n');
    assert.ok(coloured.includes('\u001b[32mAllTraffic\u001b[39m'));
    assert.ok(coloured.includes('\u001b[33mb-0a1b2c3d\u001b[39m'));
    assert.equal(`${stripVTControlCharacters(coloured)}\n`, render(bakingStatus()));
  });

  it('renderStatus: NO_COLOR -> no colours', () => {
    const colours = coloursFor({ isTTY: true }, { NO_COLOR: '1' });
    assert.equal(`${renderStatus(bakingStatus(), now, colours).join('\n')}\n`, render(bakingStatus()));
  });
});
