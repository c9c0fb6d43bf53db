/** The checks of the soak test detect each way in which a rollout could go wrong. */
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
  change: Partial<CallRecord> = {},
): CallRecord {
  return { at: (clock += 1_000), operation, outcome: 'ok', parameters, ...change };
}

function shares(baseline: number, candidate: number, change: Partial<CallRecord> = {}): CallRecord {
  const weights = [
    { VariantName: 'AllTraffic', DesiredWeight: baseline },
    { VariantName: names.variant.candidate, DesiredWeight: candidate },
  ];
  const DesiredWeightsAndCapacities = JSON.stringify(weights);
  return call(weightsCall, { EndpointName: endpoint, DesiredWeightsAndCapacities }, change);
}

const update = (EndpointConfigName: string, change: Partial<CallRecord> = {}) =>
  call('UpdateEndpoint', { EndpointName: endpoint, EndpointConfigName }, change);
const alarm = (StateValue: string) => call('SetAlarmState', { AlarmName: `${endpoint}-alarm`, StateValue });
const checkAlarm = () => call('DescribeAlarms', { AlarmNames: JSON.stringify([`${endpoint}-alarm`]) });

/** The evidence of a correct promotion. */
function correctEvidence(): Evidence {
  clock = 0;
  const config = names.singleConfig.candidate;
  const calls = [
    call('CreateEndpointConfig', { EndpointConfigName: names.sideBySideConfig }),
    update(names.sideBySideConfig, { fault: 'revertSilently' }),
    update(names.sideBySideConfig),
    checkAlarm(),
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
      holdNotifications: [],
      wasReleased: false,
      replayProblem: null,
    },
    endedAt: (clock += 1_000),
    result: {
      ...{
        rolloutId,
        endpoint,
        outcome: 'promoted',
        reason: '',
        serving: `${endpoint}-2`,
        leftovers: [],
        unused: [],
        version: null,
      },
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
        variants: [{ name: 'AllTraffic', model: `${endpoint}-2`, share: 100, count: 2 }],
      },
      ...{ endpoints: [], configs: [config], jobs: [], versions: [] },
    },
  };
}

/** Name, wrong data, and the expected violation. */
const mutations: [string, (evidence: Evidence) => Partial<Evidence>, RegExp][] = [
  ['history that does not replay', () => ({ replayProblem: 'its history does not replay' }), /replay/],
  [
    'promotion of another model',
    ({ atEnd }) => ({ atEnd: { ...atEnd, served: { ...atEnd.served, config: 'x' } } }),
    /^promoted, but the endpoint is/,
  ],
  [
    'rollback that AWS does not confirm',
    ({ result }) => ({ result: { ...result, outcome: 'rolledBack' } }),
    /^rolledBack, but the endpoint is/,
  ],
  [
    'failed rollback',
    ({ result }) => ({ result: { ...result, outcome: 'rollbackFailed' } }),
    /^rollbackFailed/,
  ],
  [
    'config that remains and is not reported',
    ({ atEnd }) => ({ atEnd: { ...atEnd, configs: [...atEnd.configs, 'left'] } }),
    /^left over endpoint config left/,
  ],
  ['long hold without a notification', () => ({ wasReleased: true }), /^held for/],
  ['bad candidate that is promoted', () => ({ isBad: true }), /^a bad candidate/],
  [
    'promotion with an alarm in ALARM',
    ({ calls }) => ({ calls: [...calls, alarm('ALARM'), checkAlarm()] }),
    /though an alarm was seen/,
  ],
  [
    'higher share after a check has seen the alarm',
    ({ calls }) => ({ calls: [alarm('ALARM'), checkAlarm(), ...calls] }),
    /^raised in ALARM/,
  ],
  [
    'higher share long after an alarm that no check has seen',
    () => ({ calls: [alarm('ALARM'), shares(50, 50, { at: 999_000 })] }),
    /^raised in ALARM/,
  ],
  [
    'weights that were set twice',
    ({ calls }) => ({ calls: [...calls.slice(0, 7), shares(0, 100)] }),
    /^done twice/,
  ],
  [
    'update that was sent twice',
    ({ calls }) => ({ calls: calls.flatMap((each) => [each, each]) }),
    /^done twice: .*UpdateEndpoint/,
  ],
  [
    'deletion that was carried out twice',
    ({ calls }) => ({ calls: [...calls, ...calls.slice(-1)] }),
    /^done twice: .*DeleteEndpointConfig/,
  ],
  [
    'change after the end',
    ({ calls }) => ({ calls: [...calls, shares(100, 0, { at: 999_000 })] }),
    /^changed after its end/,
  ],
  [
    'command that was never answered',
    ({ given }) => ({ given: given.map((one) => ({ ...one, answer: 'none' as const })) }),
    /never answered/,
  ],
  ['command that is not recorded', () => ({ timeline: [] }), /recorded 0 times/],
  [
    'command that is recorded twice',
    ({ timeline }) => ({ timeline: [...timeline, ...timeline] }),
    /recorded 2 times/,
  ],
];

describe('soak invariants', () => {
  it('soak invariants: correct promotion with a lost response and a reverted change -> no violation', () => {
    assert.deepEqual(findViolations(correctEvidence()), []);
  });

  it('soak invariants: external weight changes -> no violation', () => {
    const evidence = correctEvidence();
    const calls = [...evidence.calls.slice(0, 4), shares(37, 63), shares(37, 63), ...evidence.calls.slice(4)];
    assert.deepEqual(findViolations({ ...evidence, calls }), []);
  });

  for (const [name, mutate, violation] of mutations)
    it(`soak invariants: ${name} -> violation found`, () => {
      const evidence = correctEvidence();
      const problems = findViolations({ ...evidence, ...mutate(evidence) });
      assert.ok(
        problems.some((problem) => violation.test(problem)),
        JSON.stringify(problems),
      );
    });
});
