import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { z } from 'zod';
import { notificationEvents } from '../../../../src/plan/compiled/notifications.js';
import { notify } from '../../../../src/plan/spec/fields/notify.js';
import { outputOf, problemsIn } from '../spec-problems.js';

const sns = 'arn:aws:sns:eu-central-1:123456789012:rollouts';

const invalid: [string, object, string, RegExp][] = [
  ['a channel without a receiver', [{ on: ['hold'] }], 'notify[0]', /one of slack, webhook, sns/],
  ['two receivers in one channel', [{ sns, slack: { urlEnv: 'SLACK_URL' } }], 'notify[0]', /slack and sns/],
  ['an unknown event', [{ sns, on: ['lunch'] }], 'notify[0].on[0]', /started, gate, hold/],
  ['a duplicate event', [{ sns, on: ['hold', 'page', 'hold'] }], 'notify[0].on[2]', /already in the list/],
  ['an empty list of events', [{ sns, on: [] }], 'notify[0].on', /at least 1/],
  [
    'the ARN of a queue',
    [{ sns: 'arn:aws:sqs:eu-central-1:123456789012:rollouts' }],
    'notify[0].sns',
    /SNS topic/,
  ],
  [
    'a Slack receiver with a signing secret',
    [{ slack: { urlEnv: 'S', secretEnv: 'T' } }],
    'notify[0].slack.secretEnv',
    /no field secretEnv/,
  ],
  ['plain http', [{ webhook: { url: 'http://example.com' } }], 'notify[0].webhook', /loopback hosts only/],
];

describe('notify', () => {
  it('notify: YAML with every kind -> channels', () => {
    const text = `
      - { slack: { urlEnv: SLACK_URL }, on: [hold, rollback, page] }
      - { webhook: { url: https://example.com/hook, secretEnv: HOOK_SECRET } }
      - { sns: ${sns} }`;
    assert.deepEqual(outputOf(notify, parse(text)), [
      { kind: 'slack', address: { env: 'SLACK_URL' }, notificationEvents: ['hold', 'rollback', 'page'] },
      {
        kind: 'webhook',
        address: { url: 'https://example.com/hook' },
        secretEnv: 'HOOK_SECRET',
        notificationEvents: [...notificationEvents],
      },
      { kind: 'sns', topicArn: sns, notificationEvents: [...notificationEvents] },
    ]);
  });

  for (const [what, json, path, said] of invalid)
    it(`notify: ${what} -> rejected`, () => {
      const problems = problemsIn(z.object({ notify }), { notify: json });
      const problem = problems.find((one) => one.path === path);
      assert.ok(problem, JSON.stringify(problems));
      assert.match(`${problem.message} found: ${problem.found} allowed: ${problem.allowed}`, said);
    });
});
