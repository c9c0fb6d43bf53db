import assert from 'node:assert/strict';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { STSClient } from '@aws-sdk/client-sts';
import { checkPermissions } from '../../../src/activities/preflight/check-permissions.js';
import { createPermissionReader } from '../../../src/activities/preflight/permissions.js';
import { checkEncryption } from '../../../src/activities/preflight/check-encryption.js';
import type { InitialEndpoint } from '../../../src/activities/interface/endpoint.js';
import type { EmulatorOptions } from '../../../src/emulator/emulator.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { ActivityTestEnvironment } from '../activity-environment.js';
import { preflightPlan } from './preflight-plan.js';

const live = {
  ...{ kind: 'live', configName: 'digits-config', instanceType: 'ml.m5.large', scaling: null },
  tags: { endpoint: { team: 'ml' }, config: {}, model: {} },
  settings: {},
} as unknown as InitialEndpoint & { kind: 'live' };

async function preflight(options: Partial<EmulatorOptions>) {
  const testEnv = await ActivityTestEnvironment.open(options);
  try {
    await testEnv.putModel('digits-v2');
    await testEnv.putAlarm('digits-5xx', 'OK');
    await testEnv.putLiveEndpoint();
    return await testEnv.run('preflight', { plan: preflightPlan() });
  } finally {
    await testEnv.close();
  }
}

/** An answer of IAM to each action. */
interface Asked {
  ActionNames: string[];
  Marker?: string;
}

/** One action on each page. `answered`: only these actions have an answer. */
function readerWith(answer: object, asked: object[] = [], answered = /./) {
  const send = ({ input: { ActionNames, Marker, ...rest } }: { input: Asked }) => {
    asked.push({ ActionNames, ...rest });
    const page = Number(Marker ?? 0);
    const isTruncated = page + 1 < ActionNames.length;
    return Promise.resolve({
      EvaluationResults: ActionNames.slice(page, page + 1)
        .filter((action) => answered.test(action))
        .map((EvalActionName) => ({ EvalActionName, ...answer })),
      ...(isTruncated ? { IsTruncated: true, Marker: String(page + 1) } : {}),
    });
  };
  const iam = { send } as unknown as IAMClient;
  const Arn = 'arn:aws:sts::123456789012:assumed-role/worker/i-0123';
  const sts = { send: () => Promise.resolve({ Arn, Account: '123456789012' }) };
  return createPermissionReader(iam, sts as unknown as STSClient);
}

const startedIn = { account: '123456789012', region: 'eu-west-1' };

describe('preflight: permissions', () => {
  it('policy simulator: an action is denied -> finding with action, resource and what to add', async () => {
    const denied = { deniedActions: ['sagemaker:UpdateEndpointWeightsAndCapacities'] };
    await assert.rejects(preflight(denied), ({ message }: Error) => {
      assertRunbookEntry(
        message,
        'X may not A on R; allow it in the policy of the worker, as deploy/iam/worker.json does',
      );
      assert.match(
        message,
        /may not sagemaker:UpdateEndpointWeightsAndCapacities on arn:.*:endpoint.digits;/,
      );
      return true;
    });
  });

  it('policy simulator: itself denied -> one warning, and the rollout starts', async () => {
    const { warnings = [] } = await preflight({ deniedActions: ['iam:SimulatePrincipalPolicy'] });
    assert.equal(warnings.length, 1);
    assertRunbookEntry(warnings[0], 'the permissions of X were not checked beforehand: ...');
  });

  it('policy simulator, quotas and identity: all denied -> two warnings, and the rollout starts', async () => {
    const deniedActions = [
      'iam:SimulatePrincipalPolicy',
      'sts:GetCallerIdentity',
      'servicequotas:ListServiceQuotas',
    ];
    const { warnings = [], kind } = await preflight({ deniedActions });
    assert.deepEqual([kind, warnings.length], ['live', 2]);
  });

  it('policy simulator: a session of a role -> its role is simulated, with the tags of the rollout', async () => {
    const asked: { PolicySourceArn?: string; ResourceArns?: string[]; ContextEntries?: object[] }[] = [];
    await checkPermissions(readerWith({ EvalDecision: 'allowed' }, asked), preflightPlan(), live, startedIn);
    assert.ok(
      asked.every(({ PolicySourceArn }) => PolicySourceArn === 'arn:aws:iam::123456789012:role/worker'),
    );
    const config = asked.find(({ ResourceArns = [] }) => ResourceArns[0]?.includes(':endpoint-config/'));
    assert.ok(
      config?.ContextEntries?.some(
        (entry) => 'ContextKeyName' in entry && entry.ContextKeyName === 'aws:RequestTag/penstock:rollout',
      ),
    );
  });

  it('policy simulator: answers on several pages -> each denied action is a finding', async () => {
    const asked: Asked[] = [];
    const reader = readerWith({ EvalDecision: 'implicitDeny' }, asked);
    const { findings } = await checkPermissions(reader, preflightPlan(), live, startedIn);
    const actions = new Set(asked.flatMap(({ ActionNames }) => ActionNames));
    assert.ok(actions.size >= 5, [...actions].join());
    for (const action of actions) assert.ok(findings.join().includes(action), action);
  });

  it('policy simulator: no answer for an action -> a warning, not a permission', async () => {
    const reader = readerWith({ EvalDecision: 'allowed' }, [], /^(?!sagemaker:UpdateEndpoint$)/);
    const { findings, warnings } = await checkPermissions(reader, preflightPlan(), live, startedIn);
    assert.deepEqual([findings, warnings.length], [[], 1]);
    assert.match(warnings[0] ?? '', /sagemaker:UpdateEndpoint/);
  });

  const undecided: [what: string, answer: object][] = [
    ['without a value', { MissingContextValues: ['aws:SourceIp'] }],
    [
      'without a value for the resource',
      { ResourceSpecificResults: [{ MissingContextValues: ['aws:SourceIp'] }] },
    ],
    ['by the organization', { OrganizationsDecisionDetail: { AllowedByOrganizations: false } }],
  ];
  for (const [what, answer] of undecided)
    it(`policy simulator: denied ${what} -> one warning, no finding`, async () => {
      const reader = readerWith({ EvalDecision: 'implicitDeny', ...answer });
      const { findings, warnings } = await checkPermissions(reader, preflightPlan(), live, startedIn);
      assert.deepEqual([findings, warnings.length], [[], 1]);
      assertRunbookEntry(warnings[0], 'the simulator of IAM cannot tell if X may ...');
    });
});

describe('preflight: encryption', () => {
  const encrypted = { ...live, settings: { KmsKeyId: 'key-1' } } as InitialEndpoint;
  const servedOn = (instanceType: string) => ({ serve: { ...preflightPlan().serve, instanceType } });

  it('config with a key: instance type with local storage -> finding with the reason', () => {
    assertRunbookEntry(
      checkEncryption(servedOn('ml.g5.xlarge'), encrypted)[0],
      'endpoint config X has KmsKeyId, which SageMaker refuses for T, ...',
    );
  });

  it('config with a key: instance type without local storage -> no finding', () => {
    assert.deepEqual(checkEncryption(servedOn('ml.m5.xlarge'), encrypted), []);
    assert.deepEqual(checkEncryption(servedOn('ml.g5.xlarge'), live), []);
  });
});
