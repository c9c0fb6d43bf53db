import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encryptionContext } from '../../src/codec/aws-kms.js';
import { switchSchema } from '../../src/switch/config-schema.js';
import { resourceNamesOf } from '../../src/plan/compiled/names.js';
import { rolloutIdOf } from '../../src/plan/compile/rollout-id.js';
import { commandsReachedFrom } from './commands.js';

interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

interface Policy {
  Version: string;
  Statement: Statement[];
}

const folder = fileURLToPath(new URL('../../deploy/iam/', import.meta.url));
const textOf = (name: string) => readFileSync(`${folder}${name}.json`, 'utf8');
const policyOf = (name: string) => JSON.parse(textOf(name)) as Policy;

const listOf = (value: string | string[]) => [value].flat();
const actionsOf = (name: string) => policyOf(name).Statement.flatMap(({ Action }) => listOf(Action));

/**
 * Operations whose action has the same name in the service's namespace, from
 * https://docs.aws.amazon.com/service-authorization/latest/reference/: list_amazonsagemaker.html,
 * list_amazoncloudwatch.html, list_amazonsns.html, list_awskeymanagementservice.html, list_awsapplicationautoscaling.html,
 * list_servicequotas.html, list_awsidentityandaccessmanagementiam.html. No operation used here has an
 * action of another name.
 */
const services: Record<string, string[]> = {
  sagemaker: [
    ...['CreateTrainingJob', 'DescribeTrainingJob', 'StopTrainingJob', 'CreateModel', 'DescribeModel'],
    ...['CreateModelPackageGroup', 'DescribeModelPackageGroup', 'CreateModelPackage', 'DescribeModelPackage'],
    ...['ListModelPackages', 'UpdateModelPackage', 'CreateEndpointConfig', 'DescribeEndpointConfig'],
    ...['DeleteEndpointConfig', 'CreateEndpoint', 'DescribeEndpoint', 'UpdateEndpoint', 'DeleteEndpoint'],
    ...['UpdateEndpointWeightsAndCapacities', 'ListTags', 'InvokeEndpoint'],
  ],
  cloudwatch: ['DescribeAlarms', 'GetMetricData', 'ListMetrics', 'PutMetricData'],
  'application-autoscaling': [
    ...['DescribeScalableTargets', 'DescribeScalingPolicies', 'DescribeScheduledActions'],
    ...['RegisterScalableTarget', 'DeregisterScalableTarget', 'PutScalingPolicy'],
    ...['PutScheduledAction', 'ListTagsForResource'],
  ],
  sns: ['Publish'],
  kms: ['GenerateDataKey', 'Decrypt'],
  servicequotas: ['ListServiceQuotas', 'GetServiceQuota'],
  iam: ['SimulatePrincipalPolicy'],
};

/** Required actions without an AWS SDK command in the code, and the reason. */
const implied: Record<string, Record<string, string>> = {
  worker: {
    'sagemaker:AddTags': 'a dependent action of Create... with Tags',
    'iam:PassRole': 'a dependent action of CreateTrainingJob and CreateModel, for the roles of the spec',
    'iam:CreateServiceLinkedRole':
      'a dependent action of RegisterScalableTarget, in an account without targets',
    'cloudwatch:PutMetricAlarm': 'a dependent action of PutScalingPolicy with target tracking',
    'cloudwatch:DeleteAlarms':
      'a dependent action of DeregisterScalableTarget, for the alarms of target tracking',
    'application-autoscaling:TagResource': 'a dependent action of RegisterScalableTarget with Tags',
  },
  switch: {
    'sagemaker:InvokeEndpointWithResponseStream':
      'the switch forwards POST /endpoints/{name}/invocations-response-stream without an SDK command',
  },
};

const parts: Record<string, string[]> = {
  worker: ['activities/create-activities.ts'],
  switch: ['switch.ts', 'lambda.ts'],
  plan: ['cli/forecast/history.ts', 'cli/preview/read-previews.ts'],
  encryption: ['codec/read-codec.ts'],
};

/**
 * Commands in files that a part imports for others of their functions. That `penstock plan` sends none that changes anything is
 * tested in test/cli/preview/from-aws.test.ts.
 */
const notSent: Record<string, RegExp> = {
  plan: /^(Create|Update|Delete|Put|Register|Deregister|Stop|Simulate)|^DescribeModelPackageGroup$/,
};

/** Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const alwaysAllowed = 'GetCallerIdentity';

/** Without the KMS commands: the encryption policy has them. */
const commandsOf = (name: string) => {
  const encryption = new Set(name === 'encryption' ? [] : services['kms']);
  return commandsReachedFrom(...(parts[name] ?? [])).filter(
    (command) =>
      command !== alwaysAllowed && !encryption.has(command) && notSent[name]?.test(command) !== true,
  );
};

function actionOf(command: string): string {
  const service = Object.keys(services).find((each) => services[each]?.includes(command));
  assert.ok(service, `unknown action for ${command}; add it to the table above and to the policy`);
  return `${service}:${command}`;
}

/**
 * Matches a resource like IAM:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function covers(pattern: string, arn: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`).test(arn);
}

const values: Record<string, string> = {
  Partition: 'aws',
  Region: 'eu-central-1',
  Account: '111122223333',
  EndpointPrefix: 'shop',
  GroupPrefix: 'shop',
  RolePath: 'sagemaker/',
  WorkerRole: 'penstock-worker',
  TopicPrefix: 'rollouts',
  Namespace: 'Penstock/Switch',
  KeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1',
};
const fill = (text: string) =>
  text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? `\${${name}}`);

function statementFor(name: string, action: string): Statement {
  const found = policyOf(name).Statement.filter(({ Action }) => listOf(Action).includes(action));
  assert.equal(found.length, 1, `${action} in ${name}`);
  return found[0]!;
}

function allows(name: string, action: string, arn: string): boolean {
  return listOf(statementFor(name, action).Resource).some((pattern) => covers(fill(pattern), arn));
}

describe('IAM policies', () => {
  for (const name of Object.keys(parts)) {
    it(`IAM policy ${name}: actions -> exactly the operations that the code calls`, () => {
      const called = commandsOf(name);
      assert.ok(called.length > 0);
      const needed = [...called.map(actionOf), ...Object.keys(implied[name] ?? {})];
      assert.deepEqual(actionsOf(name).sort(), needed.sort());
    });

    it(`IAM policy ${name}: format -> valid form and size, each action once`, () => {
      const { Version, Statement, ...others } = policyOf(name);
      assert.deepEqual([Version, others], ['2012-10-17', {}]);
      const sids = Statement.map(({ Sid }) => Sid);
      assert.equal(new Set(sids).size, sids.length);
      for (const { Sid, Effect, Action, Resource, Condition, ...more } of Statement) {
        assert.match(Sid, /^[A-Za-z0-9]+$/);
        assert.equal(Effect, 'Allow');
        assert.deepEqual(more, {});
        assert.ok(Condition === undefined || Object.keys(Condition).length > 0);
        for (const action of listOf(Action)) assert.match(action, /^[a-z-]+:[A-Z][A-Za-z]+$/);
        for (const resource of listOf(Resource))
          assert.match(
            resource,
            /^(\*|\$\{KeyArn\}|arn:\$\{Partition\}:(sagemaker|iam|sns|cloudwatch|application-autoscaling):.+)$/,
          );
      }
      const actions = actionsOf(name);
      assert.equal(new Set(actions).size, actions.length);
      // White space does not count: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
      const longest: Record<string, string> = { ...values, EndpointPrefix: 'x'.repeat(48) };
      const filled = textOf(name).replaceAll(/\$\{(\w+)\}/g, (_, key: string) => longest[key] ?? '');
      assert.ok(filled.replaceAll(/\s/g, '').length <= 6144, `${filled.replaceAll(/\s/g, '').length}`);
    });

    it(`IAM policy ${name}: placeholders -> documented in docs/security.md`, () => {
      const docs = readFileSync(fileURLToPath(new URL('../../docs/security.md', import.meta.url)), 'utf8');
      const used = [...textOf(name).matchAll(/\$\{(\w+)\}/g)].map(([, key = '']) => key);
      for (const key of new Set(used)) {
        assert.ok(key in values, key);
        assert.ok(docs.includes(`\`${key}\``), `${key} in docs/security.md`);
      }
    });
  }

  it('deploy/iam: every policy -> checked here', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    assert.deepEqual(
      files.sort(),
      Object.keys(parts)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  it('IAM policies: unknown operation in the code -> these tests fail', () => {
    assert.throws(() => actionOf('DeleteModel'), /unknown action for DeleteModel/);
    assert.ok(!commandsOf('worker').includes('DeleteModel'));
  });

  const arn = (kind: string, name: string) => `arn:aws:sagemaker:eu-central-1:111122223333:${kind}/${name}`;
  const rolloutId = rolloutIdOf('Shop-Recommendations', { workflowId: 'w', runId: 'r' });
  const names = resourceNamesOf(rolloutId);

  it('IAM policy worker: resources -> those of its endpoints, no others', () => {
    const configs = [
      names.sideBySideConfig,
      names.shadowConfig,
      names.candidateConfig,
      names.singleConfig.candidate,
    ];
    for (const config of configs) {
      assert.ok(allows('worker', 'sagemaker:CreateEndpointConfig', arn('endpoint-config', config)));
      assert.ok(allows('worker', 'sagemaker:DeleteEndpointConfig', arn('endpoint-config', config)));
    }
    assert.ok(allows('worker', 'sagemaker:CreateEndpoint', arn('endpoint', names.candidateEndpoint)));
    assert.ok(allows('worker', 'sagemaker:CreateTrainingJob', arn('training-job', `${rolloutId}-candidate`)));
    assert.ok(allows('worker', 'sagemaker:UpdateEndpoint', arn('endpoint', 'shop-recommendations')));
    for (const action of ['UpdateEndpoint', 'DeleteEndpoint', 'CreateEndpoint', 'InvokeEndpoint'])
      assert.ok(!allows('worker', `sagemaker:${action}`, arn('endpoint', 'billing')), action);
    const topicIn = (region: string, name: string) => `arn:aws:sns:${region}:111122223333:${name}`;
    // A topic may be in another region than the worker.
    for (const region of ['eu-central-1', 'us-west-2']) {
      assert.ok(allows('worker', 'sns:Publish', topicIn(region, 'rollouts')), region);
      assert.ok(!allows('worker', 'sns:Publish', topicIn(region, 'billing')), region);
    }
    assert.ok(!allows('worker', 'iam:PassRole', 'arn:aws:iam::111122223333:role/admin'));
    assert.ok(allows('worker', 'iam:PassRole', 'arn:aws:iam::111122223333:role/sagemaker/train'));
  });

  it('IAM policy worker: stop and delete -> only tagged resources; create -> only with the tag', () => {
    const tagged = { Null: { 'aws:ResourceTag/penstock:rollout': 'false' } };
    const tagging = { Null: { 'aws:RequestTag/penstock:rollout': 'false' } };
    const actions = actionsOf('worker').filter((action) => /^sagemaker:(Delete|Stop)/.test(action));
    assert.equal(actions.length, 3);
    for (const action of actions) assert.deepEqual(statementFor('worker', action).Condition, tagged, action);
    for (const action of ['CreateTrainingJob', 'CreateModel', 'CreateEndpointConfig', 'CreateEndpoint'])
      assert.deepEqual(statementFor('worker', `sagemaker:${action}`).Condition, tagging, action);
    assert.deepEqual(statementFor('worker', 'iam:PassRole').Condition, {
      StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
    });
  });

  it('IAM policy worker: tags -> any, because a rollout carries over those of the owner, but only at a creation', () => {
    const statement = statementFor('worker', 'sagemaker:AddTags');
    assert.deepEqual(statement.Condition, { Null: { 'sagemaker:TaggingAction': 'false' } });
  });

  it('IAM policies: resource * -> only actions without resource-level permissions', () => {
    const everything = Object.keys(parts).flatMap((name) =>
      policyOf(name)
        .Statement.filter(({ Resource }) => listOf(Resource).includes('*'))
        .flatMap(({ Action }) => listOf(Action)),
    );
    assert.deepEqual([...new Set(everything)].sort(), [
      'application-autoscaling:DescribeScalableTargets',
      'application-autoscaling:DescribeScalingPolicies',
      'application-autoscaling:DescribeScheduledActions',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'cloudwatch:ListMetrics',
      'cloudwatch:PutMetricData',
      'sagemaker:ListModelPackages',
      'servicequotas:GetServiceQuota',
      'servicequotas:ListServiceQuotas',
    ]);
    assert.ok(statementFor('switch', 'cloudwatch:PutMetricData').Condition?.['StringEquals']);
  });

  it('IAM policies: conditions -> the default namespace of the switch, the encryption context of data keys', () => {
    const { cloudwatch } = switchSchema.parse({ records: { cloudwatch: {} } }).records ?? {};
    assert.equal(cloudwatch?.namespace, values['Namespace']);
    const { Condition } = statementFor('encryption', 'kms:Decrypt');
    assert.deepEqual(Condition, {
      StringEquals: Object.fromEntries(
        Object.entries(encryptionContext).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]),
      ),
    });
  });
});
