import assert from 'node:assert/strict';
import { calendarText } from '../../../src/cli/view/calendar-text.js';
import { renderPlan } from '../../../src/cli/view/plan-view.js';
import type { CalendarRule } from '../../../src/plan/compiled/gate.js';
import { scheduleOf } from '../../../src/plan/schedule/schedule.js';
import { planWith } from '../../plan/specs.js';
import { assertSnapshot } from '../snapshots.js';

const zone = 'Europe/Berlin';

function render(fields: object): string {
  const plan = planWith(fields);
  return `${renderPlan(plan, scheduleOf(plan)).join('\n')}\n`;
}

describe('renderPlan', () => {
  it('renderPlan: gates, freezes and notifications -> a part for each, without secrets', () => {
    const text = render({
      strategy: { canary: { steps: ['10%'], bake: '1h' } },
      guardrails: [{ metric: 'errorRate', below: '1%' }],
      gates: [
        { before: 'traffic', webhook: { url: 'https://ci.example.com/gates?token=hidden', every: '1m' } },
        { before: '10%', hours: { weekly: 'Mon-Thu 09:00-16:00', zone } },
        { before: '10%', approval: { people: 2 }, within: '3d' },
        { before: 'promotion', manual: true },
      ],
      freeze: [{ cron: '0 0 24 12 *', for: '3d', zone }],
      notify: [
        { slack: { urlEnv: 'SLACK_URL' }, on: ['gate', 'page'] },
        { sns: 'arn:aws:sns:eu-central-1:123456789012:rollouts' },
      ],
    });
    assertSnapshot('plan-gates', text);
    assert.doesNotMatch(text, /hidden/);
  });

  it('renderPlan: variant to replace -> its name, and the name that the candidate will have', () => {
    const text = render({
      models: { baseline: { variant: 'blue' }, candidate: { model: 'digits-2' } },
      serve: { variantNames: { alternate: ['blue', 'green'] } },
    });
    assert.match(text, /\nReplaced variant\n {2}blue; shares are percentages of its traffic/);
    assert.match(text, /\nName of the candidate's variant\n {2}alternate  green; a promotion keeps it\n/);
  });

  it('renderPlan: default names -> stable, and perRollout beside other variants', () => {
    assert.match(render({}), /\n {2}stable {2}b- and .*; a promotion gives it the baseline's\n/);
    const models = { baseline: { variant: 'blue' }, candidate: { model: 'digits-2' } };
    assert.match(render({ models }), /\n {2}perRollout {2}b- and .*; a promotion keeps it\n/);
    const serve = { topology: 'endpoints' };
    assert.match(render({ serve }), /\n {2}stable {2}the baseline's; a promotion keeps it\n/);
  });

  it('renderPlan: shadow, experiment and rollback window -> a part for each', () => {
    const text = render({
      strategy: [{ shadow: { mirror: '50%' } }, { bandit: { start: '30%', for: '7d' } }],
      goals: [{ metric: 'value', higherIsBetter: true }],
      onInconclusive: 'promote',
      rollbackWindow: { for: '1d', baseline: 'scaledIn' },
    });
    assertSnapshot('plan-experiment', text);
  });

  it('renderPlan: topology endpoints -> says that the switch splits the traffic', () => {
    assert.match(render({ serve: { topology: 'endpoints' } }), /one endpoint per model, split by the switch/);
  });

  it("renderPlan: alternating names -> the candidate's name, as far as it is known before the start", () => {
    const alternate = ['blue', 'green'];
    const serve = { instance: 'ml.m5.large', count: 2, variantNames: { alternate } };
    assert.match(
      render({ serve }),
      /\n {2}alternate  blue, or green if the baseline is blue; a promotion keeps it\n/,
    );
    const models = { baseline: { model: 'digits-1' }, candidate: { model: 'digits-2' } };
    assert.match(render({ serve, models }), /\n {2}alternate  blue; a promotion keeps it\n/);
  });

  it('renderPlan: no baseline -> instance-hours of one model', () => {
    const serve = { instance: 'ml.m5.large', count: 2 };
    const models = { candidate: { model: 'digits-2' } };
    assert.match(render({ models, serve }), /\nUp to 2 × ml\.m5\.large: \d/);
  });
});

describe('calendarText', () => {
  const weekly = (days: number[], from: string, to: string): CalendarRule => {
    return { kind: 'weekly', zone, days, from, to };
  };
  const rules: [CalendarRule, string][] = [
    [weekly([1, 2, 3, 4, 5], '09:00', '16:00'), 'Mon-Fri 09:00-16:00 (Europe/Berlin)'],
    [weekly([1, 3, 6, 7], '00:00', '00:00'), 'Mon, Wed, Sat, Sun, all day (Europe/Berlin)'],
    [weekly([5], '16:00', '00:00'), 'Fri 16:00-24:00 (Europe/Berlin)'],
    [
      { kind: 'cron', zone, expression: '0 0 24 12 *', seconds: 259_200 },
      '3d from cron 0 0 24 12 * (Europe/Berlin)',
    ],
    [
      { kind: 'once', zone, from: '2026-12-23T00:00', to: '2027-01-02T06:00' },
      '2026-12-23T00:00 to 2027-01-02T06:00 (Europe/Berlin)',
    ],
  ];
  for (const [rule, text] of rules) {
    it(`calendarText: ${rule.kind} rule -> ${text}`, () => assert.equal(calendarText(rule), text));
  }
});
