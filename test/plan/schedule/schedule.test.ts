import assert from 'node:assert/strict';
import { scheduleOf, stagesOf } from '../../../src/plan/schedule/schedule.js';
import { planWith, trained } from '../specs.js';

const guardrails = [{ metric: 'errorRate', below: '1%', window: '5m' }];
const canary = { strategy: { canary: { steps: ['10%', '50%'], bake: '31m' } } };
const rollBack = { onInconclusive: { rollBack: { after: '1h' } } };

describe('scheduleOf', () => {
  it('scheduleOf: plan with all parts -> rows in order, with numbered steps', () => {
    const plan = planWith({
      ...canary,
      models: { baseline: 'live', candidate: trained, register: { group: 'digits' } },
      validate: { golden: [{ body: 1, expect: 1 }] },
    });
    assert.deepEqual(
      scheduleOf(plan).rows.map(({ label }) => label),
      [
        'plan and preflight',
        'train 1 model',
        'create models',
        'both variants in service',
        'candidate answers as expected',
        'step 1 of 3: 10%, watched for 31m',
        'step 2 of 3: 50%, watched for 31m',
        'step 3 of 3: 100%, watched for 31m',
        'candidate alone in service',
      ],
    );
    assert.equal(stagesOf(plan), 3);
  });

  it('scheduleOf: training on Spot instances -> the latest end has the time to wait for them', () => {
    const latestOf = (settings: object) => {
      const train = { ...trained.train, stopAfter: '1h', settings };
      const { rows } = scheduleOf(planWith({ models: { baseline: 'live', candidate: { train } } }));
      return rows.find(({ kind }) => kind === 'training')?.latestEndSeconds ?? 0;
    };
    const waiting = { EnableManagedSpotTraining: true, StoppingCondition: { MaxWaitTimeInSeconds: 9_000 } };
    assert.equal(latestOf(waiting) - latestOf({}), 9_000 - 3_600);
    const pending = { StoppingCondition: { MaxPendingTimeInSeconds: 7_200 } };
    assert.equal(latestOf(pending) - latestOf({}), 7_200);
  });

  it('scheduleOf: bakes with guardrails -> the earliest end includes the delay of the last data', () => {
    assert.equal(scheduleOf(planWith(canary)).earliestEndSeconds, 3 * 31 * 60);
    // Six windows of 5m end at 30m; their data is complete 2m later.
    assert.equal(scheduleOf(planWith({ ...canary, guardrails })).earliestEndSeconds, 3 * 32 * 60);
  });

  it('scheduleOf: guardrails with onInconclusive hold -> no latest end, with a note', () => {
    const { rows, latestEndSeconds } = scheduleOf(planWith({ ...canary, guardrails }));
    assert.equal(latestEndSeconds, null);
    const held = 'holds while a guardrail has no verdict (onInconclusive: hold)';
    assert.deepEqual(
      rows.filter((row) => row.kind === 'step').map(({ notes }) => notes),
      [[held], [held], [held]],
    );
    const unguarded = scheduleOf(planWith(canary)).rows.filter((row) => row.kind === 'step');
    assert.deepEqual(
      unguarded.map(({ notes }) => notes),
      [[], [], []],
    );
  });

  it('scheduleOf: no unlimited wait -> a latest end', () => {
    assert.notEqual(scheduleOf(planWith(canary)).latestEndSeconds, null);
    const { rows } = scheduleOf(planWith({ ...canary, ...rollBack, guardrails }));
    const [first] = rows.filter((row) => row.kind === 'step');
    const before = rows[rows.indexOf(first ?? assert.fail('no step')) - 1];
    // A shift of 30m, six windows, a minute to the first, 2m for late data, an hour of waiting.
    const max = 30 * 60 + 30 * 60 + 60 + 120 + 3_600;
    assert.equal((first?.latestEndSeconds ?? 0) - (before?.latestEndSeconds ?? 0), max);
  });

  it('scheduleOf: manual registry approval -> no latest end, with a note', () => {
    const models = {
      baseline: 'live',
      candidate: trained,
      register: { group: 'digits', approval: 'manual' },
    };
    const { rows, latestEndSeconds } = scheduleOf(planWith({ models }));
    assert.match(
      rows.find((row) => row.kind === 'registering')?.notes.join() ?? '',
      /until a person approves/,
    );
    assert.equal(latestEndSeconds, null);
  });

  const serve = { instance: 'ml.m5.large', count: 4 };
  const hoursWith = (fields: object) => scheduleOf(planWith({ serve, ...fields })).instanceHours;

  it('instance hours: capacity scaleCandidate -> the candidate has the instances for its share', () => {
    const hours = hoursWith({ strategy: { standard: { bake: '6h' } } });
    // Deploy, shift, promotion: 1h on one instance, 30m, and 1h with half an hour of cleaning up, on two fleets.
    assert.deepEqual(hours, {
      instanceType: 'ml.m5.large',
      count: 4,
      upHours: { earliest: 6, latest: 9 },
      candidate: { earliest: 24, latest: 39 },
      both: { earliest: 48, latest: 75 },
    });
    assert.equal(scheduleOf(planWith({})).instanceHours.candidate.earliest, null);
  });

  it('instance hours: last update -> a second fleet of the candidate, unless it keeps its name on the endpoint', () => {
    const latestWith = (more: object, fields: object = {}) =>
      hoursWith({ strategy: { standard: { bake: '6h' } }, serve: { ...serve, ...more }, ...fields });
    // The last update takes at most 1h, and cleaning up half an hour.
    assert.equal(latestWith({ variantNames: 'stable' }).candidate.latest, 33 + 6);
    assert.equal(latestWith({ variantNames: 'perRollout' }).candidate.latest, 33);
    assert.equal(latestWith({ variantNames: 'perRollout' }).both.latest, 69);
    assert.equal(latestWith({ variantNames: { alternate: ['blue', 'green'] } }).candidate.latest, 33);
    const endpoints = { variantNames: 'perRollout', topology: 'endpoints' };
    assert.equal(latestWith(endpoints).candidate.latest, 33 + 6);
    const { both, candidate } = latestWith({}, { rollbackWindow: { for: '10h', baseline: 'scaledIn' } });
    assert.deepEqual([both.latest, candidate.latest], [69 + 6 - 4.5 + 50, 33 + 6 + 40]);
  });

  it('scheduleOf: last update that starts a second fleet -> says so', () => {
    const noteWith = (serve: object) => scheduleOf(planWith({ serve })).rows.at(-1)?.notes;
    assert.deepEqual(noteWith({}), [
      'a second fleet of the candidate starts and replaces the instances of both',
    ]);
    assert.deepEqual(noteWith({ variantNames: 'perRollout' }), []);
  });

  it('instance hours: scaled-in baseline, scaleBoth, no baseline -> the baseline counts with its actual instances', () => {
    const strategy = { standard: { bake: '6h' } };
    const rollbackWindow = { for: '10h', baseline: 'scaledIn' };
    assert.equal(hoursWith({ strategy, rollbackWindow }).both.earliest, 48 + 40 + 10);
    const models = { candidate: { model: 'digits-2' } };
    assert.equal(hoursWith({ strategy, models }).both.earliest, 24);
    const scaledBoth = hoursWith({ strategy, serve: { ...serve, capacity: 'scaleBoth' } });
    assert.equal(scaledBoth.both.earliest, 24 + 6);
  });

  it('instance hours: shadow -> the candidate counts while it gets copies', () => {
    const strategy = [{ shadow: { mirror: '50%', bake: '2h' } }, { standard: { bake: '1h' } }];
    const { upHours, candidate } = hoursWith({ strategy });
    assert.deepEqual([upHours.earliest, candidate.earliest], [3, 2 * 2 + 4]);
  });
});
