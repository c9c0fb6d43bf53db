/** The simulation against the stored histories of whole rollouts, which last for days. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { google, temporal } from '@temporalio/proto';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { EventType } from '../../../src/simulation/temporal/history.js';
import { scenarios, type Scenario } from '../../replay/scenarios.js';
import { assertReplays } from '../../support/replay.js';
import { withRollout, type SimulatedRollout } from '../../workflows/harness.js';

type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;

const workflowId = 'rollout:digits';

/**
 * The fake activities of this scenario count rounds by the time at which an attempt was scheduled. The time-skipping
 * server stamps a retry with the time of the request. Temporal's server and the simulation stamp it with the due time
 * (scenario `scheduled time of a retry`). The rounds differ by that, so only its replay is compared. A rollout with shorter
 * splits is compared with the server itself (scenario `bandit whose split changes`).
 */
const stampedByTestServer = 'tested-with-an-adapting-split';

async function simulate(scenario: Scenario, seed = 1): Promise<History> {
  const play = async (running: SimulatedRollout) => {
    await scenario.act?.(running);
    const { outcome, reason } = await running.result();
    assert.equal(outcome, scenario.outcome, reason);
    const run = running.temporal.latest(workflowId);
    await run.replay();
    return run.history.toProto();
  };
  return withRollout(scenario.world, play, { seed });
}

/** As the time-skipping server recorded it. */
function readStored({ name }: Scenario): History {
  const file = new URL(`../../replay/histories/${name}.json`, import.meta.url);
  return historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
}

/** Each command of the workflow as its event has it, and each end of an activity, without ids and times. */
function describeEvents({ events }: History): string[] {
  return (events ?? []).flatMap((event) => describeEvent(event) ?? []);
}

function describeEvent(event: Event): string | null {
  const scheduled = event.activityTaskScheduledEventAttributes;
  const timer = event.timerStartedEventAttributes;
  if (scheduled) {
    const limits = [
      scheduled.scheduleToCloseTimeout,
      scheduled.startToCloseTimeout,
      scheduled.heartbeatTimeout,
    ];
    return `activity ${scheduled.activityType?.name} ${limits.map(formatLimit).join(' ')}`;
  }
  if (timer) return `timer ${formatLimit(timer.startToFireTimeout)}`;
  const command = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (command) return `update ${command.name}`;
  if (event.upsertWorkflowSearchAttributesEventAttributes) {
    const { indexedFields } = event.upsertWorkflowSearchAttributesEventAttributes.searchAttributes ?? {};
    return `search attributes ${Object.keys(indexedFields ?? {})
      .sort()
      .join(' ')}`;
  }
  if (event.workflowPropertiesModifiedEventAttributes) return 'memo';
  const ends = [
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
    EventType.EVENT_TYPE_TIMER_CANCELED,
  ];
  const type = Number(event.eventType);
  return ends.includes(type) ? (EventType[type] ?? null) : null;
}

/** The server's limit where a workflow gives none. */
const tenYearsMs = 3_650 * 86_400_000;

/** Milliseconds; `-` if there is none. */
function formatLimit(limit: google.protobuf.IDuration | null | undefined): string {
  const ms = Number(limit?.seconds ?? 0) * 1000 + (limit?.nanos ?? 0) / 1e6;
  return ms === 0 || ms === tenYearsMs ? '-' : String(ms);
}

describe('simulation and stored histories', () => {
  for (const scenario of scenarios()) {
    it(`${scenario.name}: played in the simulation -> Temporal's SDK replays the history`, async () => {
      const history = await simulate(scenario);
      await assertReplays({ workflowId, fetchHistory: () => Promise.resolve(history) });
    });
  }

  for (const scenario of scenarios().filter(({ name }) => name !== stampedByTestServer)) {
    it(`${scenario.name}: played in the simulation -> the commands of the server's history`, async () => {
      assert.deepEqual(describeEvents(await simulate(scenario)), describeEvents(readStored(scenario)));
    });
  }

  it('same seed -> same history, byte for byte; another seed -> another run id', async () => {
    const play = (seed: number) => simulate(scenarioNamed('tested-with-an-adapting-split'), seed);
    const [first, second, other] = [await play(7), await play(7), await play(8)];
    assert.deepEqual(second, first);
    assert.notDeepEqual(runIdOf(other), runIdOf(first));
  });
});

/** A new one each time: activities of a scenario use it up. */
function scenarioNamed(name: string): Scenario {
  const scenario = scenarios().find((each) => each.name === name);
  assert.ok(scenario, name);
  return scenario;
}

function runIdOf({ events }: History): string | null | undefined {
  return events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId;
}
