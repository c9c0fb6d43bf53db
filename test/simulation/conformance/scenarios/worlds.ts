/** Activities of the scenarios' rollouts. Attempts that wait for a command come back after ten minutes: never. */
import type { Plan } from '../../../../src/plan/compiled/plan.js';
import { FakeActivities, verdict } from '../../../workflows/fake-activities.js';

/** Its first bake lasts until a command ends it. */
export function baking(change: Partial<Plan> = {}): FakeActivities {
  const world = new FakeActivities(change);
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

/** A guardrail fails in its first bake. */
export function failing(change: Partial<Plan> = {}): FakeActivities {
  const world = new FakeActivities(change);
  world.reports.push(({ mode }) =>
    mode === 'bake' ? { kind: 'fail', verdicts: [verdict('fail', 'error rate 7 % is not < 1 %')] } : {},
  );
  return world;
}

/** Is promoted; its rollback window lasts until a command ends it. */
export function windowed(change: Partial<Plan> = {}): FakeActivities {
  const world = new FakeActivities({ rollbackWindow: { seconds: 86_400, baseline: 'warm' }, ...change });
  world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
  return world;
}

/** Its rounds of watching last to their end, in polls of half a second. Other windows pass at once. */
export function polling(change: Partial<Plan> = {}): FakeActivities {
  const world = new FakeActivities(change);
  world.pollInterval = '500ms';
  world.reports.push(({ mode, roundEnds }, now) =>
    mode !== 'guard' ? {} : now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' },
  );
  return world;
}
