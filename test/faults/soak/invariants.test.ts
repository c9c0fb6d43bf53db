/** The soak's checks notice each way in which a rollout might go wrong. */
import assert from 'node:assert/strict';
import { findViolations, type Evidence } from '../../../bench/soak/invariants.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';

const endpoint = 'soak-0001';
const rolloutId = `${endpoint}-1a2b3c4d`;
const names = resourceNamesOf(rolloutId);
const weightsCall = 'UpdateEndpointWeightsAndCapacities';

let clock = 0;

function call(
  operation: string,
  parameters: CallRecord['parameters'],
  met: Partial<CallRecord> = {},
): CallRecord {
  return { at: (clock += 1_000), operation, outcome: 'ok', parameters, ...met };
}

function shares(baseline: number, candidate: number, met: Partial<CallRecord> = {}): CallRecord {
  const wanted = [
    { VariantName: 'AllTraffic', DesiredWeight: baseline },
    { VariantName: names.variant.candidate, DesiredWeight: candidate },
  ];
  const DesiredWeightsAndCapacities = JSON.stringify(wanted);
  return call(weightsCall, { EndpointName: endpoint, DesiredWeightsAndCapacities }, met);
}

const update = (EndpointConfigName: string, met: Partial<CallRecord> = {}) =>
  call('UpdateEndpoint', { EndpointName: endpoint, EndpointConfigName }, met);
const alarm = (StateValue: string) => call('SetAlarmState', { AlarmName: `${endpoint}-alarm`, StateValue });
const look = () => call('DescribeAlarms', { AlarmNames: JSON.stringify([`${endpoint}-alarm`]) });

/** A promotion as it should be. */
function truth(): Evidence {
  clock = 0;
  const config = names.singleConfig.candidate;
  const calls = [
    call('CreateEndpointConfig', { EndpointConfigName: names.sideBySideConfig }),
    update(names.sideBySideConfig, { fault: 'revertSilently' }),
    update(names.sideBySideConfig),
    look(),
    shares(50, 50, { outcome: 'lostResponse', fault: 'lostResponse' }),
    shares(50, 50),
    shares(0, 100),
    update(config),
    call('DeleteEndpointConfig', { EndpointConfigName: names.sideBySideConfig }),
  ];
  return {
    ...{
      endpoint,
      rolloutId,
      names,
      isBad: false,
      calls,
      heldNotices: [],
      wasReleased: false,
      replayProblem: null,
    },
    endedAt: (clock += 1_000),
    result: {
      ...{ rolloutId, endpoint, outcome: 'promoted', reason: '', serving: `${endpoint}-2`, leftovers: [] },
      ...{ startedAt: '', endedAt: '' },
    },
    timeline: [
      {
        at: '',
        kind: 'command',
        command: 'retry',
        actor: 'ben',
        identity: 'unverified',
        reason: 'order 1',
        accepted: true,
        message: '',
      },
    ],
    given: [{ command: 'retry', reason: 'order 1', answer: 'accepted', wasSignalled: false }],
    atEnd: {
      served: {
        ...{ status: 'InService', config, configs: [] },
        variants: [{ name: names.variant.candidate, model: `${endpoint}-2`, share: 100, count: 2 }],
      },
      ...{ endpoints: [], configs: [config], jobs: [], versions: [] },
    },
  };
}

const lies: [string, (truth: Evidence) => Partial<Evidence>, RegExp][] = [
  ['a history that does not replay', () => ({ replayProblem: 'its history does not replay' }), /replay/],
  [
    'a promotion of another model',
    ({ atEnd }) => ({ atEnd: { ...atEnd, served: { ...atEnd.served, config: 'x' } } }),
    /^promoted, but the endpoint is/,
  ],
  [
    'a rollback that AWS knows nothing of',
    ({ result }) => ({ result: { ...result, outcome: 'rolledBack' } }),
    /^rolledBack, but the endpoint is/,
  ],
  [
    'a failed rollback',
    ({ result }) => ({ result: { ...result, outcome: 'rollbackFailed' } }),
    /^rollbackFailed/,
  ],
  [
    'a config that is left and not said',
    ({ atEnd }) => ({ atEnd: { ...atEnd, configs: [...atEnd.configs, 'left'] } }),
    /^left over endpoint config left/,
  ],
  ['a hold of which nobody was told', () => ({ wasReleased: true }), /nobody was told/],
  ['a bad candidate that is promoted', () => ({ isBad: true }), /^a bad candidate/],
  [
    'a promotion with an alarm in ALARM',
    ({ calls }) => ({ calls: [...calls, alarm('ALARM'), look()] }),
    /though an alarm was seen/,
  ],
  [
    'a raise after an alarm was seen',
    ({ calls }) => ({ calls: [alarm('ALARM'), look(), ...calls] }),
    /^raised in ALARM/,
  ],
  [
    'a raise long after an alarm that nobody looked at',
    () => ({ calls: [alarm('ALARM'), shares(50, 50, { at: 999_000 })] }),
    /^raised in ALARM/,
  ],
  [
    'weights that were set twice',
    ({ calls }) => ({ calls: [...calls.slice(0, 7), shares(0, 100)] }),
    /^done twice/,
  ],
  [
    'an update that was asked for twice',
    ({ calls }) => ({ calls: calls.flatMap((each) => [each, each]) }),
    /^done twice: .*UpdateEndpoint/,
  ],
  [
    'a deletion that was carried out twice',
    ({ calls }) => ({ calls: [...calls, ...calls.slice(-1)] }),
    /^done twice: .*DeleteEndpointConfig/,
  ],
  [
    'a change after the end',
    ({ calls }) => ({ calls: [...calls, shares(100, 0, { at: 999_000 })] }),
    /^changed after its end/,
  ],
  [
    'a command that was never answered',
    ({ given }) => ({ given: given.map((one) => ({ ...one, answer: 'none' as const })) }),
    /never answered/,
  ],
  ['a command that is not recorded', () => ({ timeline: [] }), /recorded 0 times/],
  [
    'a command that is recorded twice',
    ({ timeline }) => ({ timeline: [...timeline, ...timeline] }),
    /recorded 2 times/,
  ],
];

describe('the invariants of the soak', () => {
  it('find nothing where all is well, answers are lost and a change is undone by AWS', () => {
    assert.deepEqual(findViolations(truth()), []);
  });

  it('let another hand change what it likes', () => {
    const evidence = truth();
    const calls = [...evidence.calls.slice(0, 4), shares(37, 63), shares(37, 63), ...evidence.calls.slice(4)];
    assert.deepEqual(findViolations({ ...evidence, calls }), []);
  });

  for (const [name, tell, noticed] of lies)
    it(`notice ${name}`, () => {
      const evidence = truth();
      const problems = findViolations({ ...evidence, ...tell(evidence) });
      assert.ok(
        problems.some((problem) => noticed.test(problem)),
        JSON.stringify(problems),
      );
    });
});
