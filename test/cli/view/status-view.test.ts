import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { coloursFor } from '../../../src/cli/view/colours.js';
import { renderStatus } from '../../../src/cli/view/status-view.js';
import type { LiveStatus } from '../../../src/client.js';
import { bakingStatus, endedStatus, now, verdictOf } from '../../client/statuses.js';
import { assertSnapshot } from '../snapshots.js';

const plain = coloursFor({}, {});

function render(status: LiveStatus): string {
  return `${renderStatus(status, now, plain).join('\n')}\n`;
}

describe('renderStatus', () => {
  it('shows a bake: weights, verdicts and the next look', () => {
    assertSnapshot('view-baking', render(bakingStatus()));
  });

  it('shows a rollout that is only being planned', () => {
    const status = bakingStatus({
      rolloutId: null,
      strategy: null,
      phase: 'planning',
      reason: 'the spec is being checked',
      step: { n: 0, of: 0 },
      waitingFor: null,
      jobs: [],
      variants: [],
      verdicts: [],
      observation: null,
      pending: [],
    });
    assertSnapshot('view-planning', render(status));
  });

  it('shows a hold, weights that are not there yet, and trouble that is retried', () => {
    const base = bakingStatus();
    const status = bakingStatus({
      paused: true,
      holding: 'error rate: no data since 11:58',
      waitingFor: { what: 'error rate: no data since 11:58', until: '2026-11-24T12:00:00.000Z' },
      jobs: [
        { role: 'baseline', jobName: 'digits-0a1b2c3d-a', state: 'stopped', sentence: 'stopped by bob' },
      ],
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
        },
      ],
    });
    assertSnapshot('view-holding', render(status));
  });

  it('shows how it ended', () => {
    assertSnapshot('view-promoted', render(endedStatus()));
    const failed = verdictOf(
      'errorRate',
      'fail',
      'outOfBound',
      'error rate 4.2 % is not < 1 %, window 4 of 6',
    );
    const rolledBack = endedStatus({ outcome: 'rolledBack', reason: failed.sentence, verdicts: [failed] });
    assertSnapshot('view-rolled-back', render(rolledBack));
  });

  it('does not take a workflow that was ended from outside for a rollout that ended', () => {
    const [title, ...rest] = renderStatus(bakingStatus({ execution: 'cutShort' }), now, plain);
    assert.match(title ?? '', /^⚠/);
    assert.match(rest.join('\n'), /nothing was rolled back/);
  });

  it('has the same text in colours, the baseline green and the candidate yellow', () => {
    const coloured = renderStatus(bakingStatus(), now, coloursFor({ isTTY: true }, {})).join('\n');
    assert.ok(coloured.includes('\u001b[32mAllTraffic\u001b[39m'));
    assert.ok(coloured.includes('\u001b[33mb-0a1b2c3d\u001b[39m'));
    assert.equal(`${stripVTControlCharacters(coloured)}\n`, render(bakingStatus()));
  });

  it('has no colours with NO_COLOR', () => {
    const colours = coloursFor({ isTTY: true }, { NO_COLOR: '1' });
    assert.equal(`${renderStatus(bakingStatus(), now, colours).join('\n')}\n`, render(bakingStatus()));
  });
});
