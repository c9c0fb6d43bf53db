import assert from 'node:assert/strict';
import { sampleFaults } from '../sample.js';
import { isWhole } from '../seed.js';
import { runKilledAtEvent } from './killed-at-event.js';
import { callsOf, runKilledInCalls, type Call } from './killed-in-call.js';
import { mapWithConcurrency } from './concurrency.js';
import { runPartitioned } from './partitioned.js';
import { runSuspended } from './suspended.js';
import type { RunRecord, Scenario } from './run-scenario.js';
import { runQueriedDuringFailover } from './query-during-failover.js';
import { canary, experiment, rollback, scenarios, withdrawal } from './scenarios.js';
import { runUndisturbed, type Undisturbed } from './undisturbed.js';

const concurrency = 12;
const [eventsDrawn, callsDrawn] = [1, 3];

/** Rollouts mostly wait, so all of them run at once, and each test waits for its own rollouts. */
describe('worker failover', function () {
  this.timeout(3_600_000);
  /** Each group has scenarios with the same durations. */
  const groups = [scenarios.filter((scenario) => scenario !== withdrawal), [withdrawal]];
  const killed = [canary, experiment, rollback];
  let undisturbed: Promise<Map<Scenario, Undisturbed>>;
  let atEvents: Promise<Failures>;
  let inCalls: Promise<Failures>;
  let partitioned: Promise<void>;
  let suspended: Promise<void>;
  let queried: Promise<void>;

  before(() => {
    undisturbed = runAllUndisturbed();
    atEvents = killAtEvents();
    inCalls = killInCalls();
    partitioned = runPartitioned();
    suspended = runSuspended();
    queried = runQueriedDuringFailover();
    // A run that fails before its test is reached must not be an unhandled rejection.
    for (const run of [undisturbed, atEvents, inCalls, partitioned, suspended, queried])
      run.catch(() => undefined);
  });

  async function runAllUndisturbed(): Promise<Map<Scenario, Undisturbed>> {
    const runs = await Promise.all(groups.map(runUndisturbed));
    return new Map(runs.flatMap((records) => [...records]));
  }

  async function killAtEvents(): Promise<Failures> {
    const kills = new Map<string, { scenario: Scenario; event: number }>();
    for (const scenario of killed) {
      const events = isWhole ? ((await undisturbed).get(scenario)?.events ?? 0) : scenario.events;
      for (let event = 1; event < events; event++)
        kills.set(`${scenario.name} at event ${event}`, { scenario, event });
    }
    const drawn = sampleFaults([...kills.keys()], eventsDrawn, 'killed in');
    const failures: Failures = [];
    await mapWithConcurrency(concurrency, [...drawn], async (name) => {
      const { scenario, event } = kills.get(name) ?? assert.fail(name);
      await compare(name, scenario, runKilledAtEvent(scenario, event), failures);
    });
    return failures;
  }

  async function killInCalls(): Promise<Failures> {
    const calls = new Map<string, Call>();
    for (const scenario of scenarios)
      for (const call of callsOf(scenario))
        calls.set(`${scenario.name} in ${call.operation} ${call.nth}`, call);
    const drawn = sampleFaults([...calls.keys()], callsDrawn, 'killed in');
    const failures: Failures = [];
    await Promise.all(
      groups.map(async (group) => {
        const named = [...calls].filter(
          ([name, { scenario }]) => drawn.has(name) && group.includes(scenario),
        );
        if (named.length === 0) return;
        const interrupted = await runKilledInCalls(named.map(([, call]) => call));
        for (const [i, { call, record, isHeld }] of interrupted.entries()) {
          const name = named[i]?.[0] ?? assert.fail();
          if (!isHeld) failures.push(`${name}: the call was never made`);
          else await compare(name, call.scenario, record, failures);
        }
      }),
    );
    return failures;
  }

  async function compare(
    name: string,
    scenario: Scenario,
    record: Promise<RunRecord>,
    failures: Failures,
  ): Promise<void> {
    const expected = (await undisturbed).get(scenario)?.record;
    try {
      assert.deepEqual(await record, expected);
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  it('worker failover: no worker is killed -> every scenario makes exactly its declared AWS calls', async () => {
    for (const [scenario, { record, events }] of await undisturbed) {
      const counts: Record<string, number> = {};
      for (const effect of record.effects) {
        const operation = effect.split(' ')[0] ?? '';
        counts[operation] = (counts[operation] ?? 0) + 1;
      }
      assert.deepEqual(counts, scenario.effects, scenario.name);
      assert.ok(events >= scenario.events, `${scenario.name}: ${events} events`);
    }
  });

  it('worker failover: SIGKILL after an event of the history -> same outcome, account and effects', async () => {
    assert.deepEqual(await atEvents, []);
  });

  it('worker failover: SIGKILL between an effect and its record -> effect is adopted, not repeated', async () => {
    assert.deepEqual(await inCalls, []);
  });

  it('worker failover: network partition with a request in flight -> late request is detected or has no effect', () =>
    partitioned);

  it('worker failover: SIGKILL during a status query -> history still replays', () => queried);

  it('worker failover: worker is suspended past the end of the rollout -> it makes no further AWS call', () =>
    suspended);
});

/** One message for each failure. */
type Failures = string[];
