import assert from 'node:assert/strict';
import { sampleFaults } from '../sample.js';
import { isWhole } from '../seed.js';
import { playKilledAt } from './killed-at-event.js';
import { callsOf, playKilledInCalls, type Call } from './killed-in-call.js';
import { mapWithConcurrency } from './concurrency.js';
import { playPartitioned } from './partitioned.js';
import { playPaused } from './paused.js';
import type { RunRecord, Scenario } from './run-scenario.js';
import { playQuestioned } from './query-during-failover.js';
import { canary, experiment, rollback, stories, withdrawal } from './scenarios.js';
import { playUndisturbed, type Undisturbed } from './undisturbed.js';

const lanes = 12;
const [eventsDrawn, callsDrawn] = [4, 10];

/** A rollout spends its time on waiting, so all of them run at once, and a test waits for its own. */
describe('a worker that is lost', function () {
  this.timeout(3_600_000);
  /** By group of the same durations. */
  const groups = [stories.filter((story) => story !== withdrawal), [withdrawal]];
  const killed = [canary, experiment, rollback];
  let undisturbed: Promise<Map<Scenario, Undisturbed>>;
  let atEvents: Promise<Failures>;
  let inCalls: Promise<Failures>;
  let partitioned: Promise<void>;
  let paused: Promise<void>;
  let questioned: Promise<void>;

  before(() => {
    undisturbed = playAllUndisturbed();
    atEvents = killAtEvents();
    inCalls = killInCalls();
    partitioned = playPartitioned();
    paused = playPaused();
    questioned = playQuestioned();
    // One that fails before its test is reached is no unhandled rejection.
    for (const playing of [undisturbed, atEvents, inCalls, partitioned, paused, questioned])
      playing.catch(() => undefined);
  });

  async function playAllUndisturbed(): Promise<Map<Scenario, Undisturbed>> {
    const played = await Promise.all(groups.map(playUndisturbed));
    return new Map(played.flatMap((courses) => [...courses]));
  }

  async function killAtEvents(): Promise<Failures> {
    const kills = new Map<string, { story: Scenario; event: number }>();
    for (const story of killed) {
      const events = isWhole ? ((await undisturbed).get(story)?.events ?? 0) : story.events;
      for (let event = 1; event < events; event++)
        kills.set(`${story.name} at event ${event}`, { story, event });
    }
    const drawn = sampleFaults([...kills.keys()], eventsDrawn, 'killed in');
    const failures: Failures = [];
    await mapWithConcurrency(lanes, [...drawn], async (name) => {
      const { story, event } = kills.get(name) ?? assert.fail(name);
      await compare(name, story, playKilledAt(story, event), failures);
    });
    return failures;
  }

  async function killInCalls(): Promise<Failures> {
    const calls = new Map<string, Call>();
    for (const story of stories)
      for (const call of callsOf(story)) calls.set(`${story.name} in ${call.operation} ${call.nth}`, call);
    const drawn = sampleFaults([...calls.keys()], callsDrawn, 'killed in');
    const failures: Failures = [];
    await Promise.all(
      groups.map(async (group) => {
        const named = [...calls].filter(([name, { story }]) => drawn.has(name) && group.includes(story));
        if (named.length === 0) return;
        const interrupted = await playKilledInCalls(named.map(([, call]) => call));
        for (const [i, { call, course, isHeld }] of interrupted.entries()) {
          const name = named[i]?.[0] ?? assert.fail();
          if (!isHeld) failures.push(`${name}: it was never called`);
          else await compare(name, call.story, course, failures);
        }
      }),
    );
    return failures;
  }

  async function compare(
    name: string,
    story: Scenario,
    course: Promise<RunRecord>,
    failures: Failures,
  ): Promise<void> {
    const expected = (await undisturbed).get(story)?.course;
    try {
      assert.deepEqual(await course, expected);
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  it('not at all, lets the stories make the calls that they name', async () => {
    for (const [story, { course, events }] of await undisturbed) {
      const counts: Record<string, number> = {};
      for (const effect of course.effects) {
        const operation = effect.split(' ')[0] ?? '';
        counts[operation] = (counts[operation] ?? 0) + 1;
      }
      assert.deepEqual(counts, story.effects, story.name);
      assert.ok(events >= story.events, `${story.name}: ${events} events`);
    }
  });

  it('by SIGKILL, as soon as an event is in the history, leaves the same end, account and effects', async () => {
    assert.deepEqual(await atEvents, []);
  });

  it('by SIGKILL, between an effect and its record, has the effect adopted and never repeated', async () => {
    assert.deepEqual(await inCalls, []);
  });

  it('to a partition, with a request on its way, does nothing that stays unseen', () => partitioned);

  it('by SIGKILL, while its rollout is asked, leaves a history that replays', () => questioned);

  it('to a pause that outlasts the rollout does nothing when it is over', () => paused);
});

/** One sentence each. */
type Failures = string[];
