/** Endpoints of a test, each with its own fake activities. */
import { activityInfo } from '@temporalio/activity';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { FakeActivities } from '../fake-activities.js';

let count = 0;

/** Endpoints by a short name, such as `eu`; their real names are unique to the test. */
export class Fleet {
  readonly id = `${++count}-${process.pid}`;
  readonly worlds = new Map<string, FakeActivities>();

  constructor(worlds: Record<string, FakeActivities>) {
    for (const [short, world] of Object.entries(worlds)) this.worlds.set(this.endpoint(short), world);
  }

  endpoint(short: string): string {
    return `${short}-${this.id}`;
  }

  world(short: string): FakeActivities {
    const world = this.worlds.get(this.endpoint(short));
    if (!world) throw new Error(`there is no ${short}`);
    return world;
  }

  /** Each call goes to the world of the rollout that made it. */
  get activities(): RolloutActivities {
    const plain = new FakeActivities().activities;
    const actingOn = () => {
      const caller = activityInfo().workflowExecution?.workflowId.replace(/^rollout:/, '') ?? '';
      return this.worlds.get(caller)?.activities ?? plain;
    };
    const routed = (Object.keys(plain) as (keyof RolloutActivities)[]).map((name) => [
      name,
      (argument: unknown) => (actingOn()[name] as (a: unknown) => Promise<unknown>)(argument),
    ]);
    return Object.fromEntries(routed) as RolloutActivities;
  }
}
