import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { freeze } from '../../../../src/plan/spec/fields/freeze.js';
import { gates } from '../../../../src/plan/spec/fields/gates.js';
import { notify } from '../../../../src/plan/spec/fields/notify.js';
import { outputOf, problemsIn } from '../spec-problems.js';

const https = 'https://ci.example.com/gate';
const webhookGate = (webhook: object) => [{ before: 'promotion', webhook }];

const invalid: [string, object, string, RegExp][] = [
  [
    'a gate without before',
    [{ manual: true }],
    'gates[0].before',
    /a share such as 25%, traffic or promotion/,
  ],
  ['an unknown place', [{ before: 'lunch', manual: true }], 'gates[0].before', /traffic or promotion/],
  ['a gate without a condition', [{ before: '5%' }], 'gates[0]', /got none/],
  ['two conditions', [{ before: '5%', manual: true, approval: {} }], 'gates[0]', /approval and manual/],
  ['manual: false', [{ before: '5%', manual: false }], 'gates[0].manual', /true/],
  [
    'approval by 0 people',
    [{ before: '5%', approval: { people: 0 } }],
    'gates[0].approval.people',
    /1 to 20/,
  ],
  ...[{ verified: true }, { people: 2, verified: true, allowStarter: false }].map(
    (approval): [string, object, string, RegExp] => [
      `verified approvals without the starter (${JSON.stringify(approval)})`,
      [{ before: '5%', approval }],
      'gates[0].approval.allowStarter',
      /true with verified, and one more of people/,
    ],
  ),
  ['a webhook without an address', webhookGate({}), 'gates[0].webhook', /one of url, urlEnv/],
  [
    'a webhook with two addresses',
    webhookGate({ url: https, urlEnv: 'HOOK' }),
    'gates[0].webhook',
    /got url and urlEnv/,
  ],
  ['plain http', webhookGate({ url: 'http://ci.example.com' }), 'gates[0].webhook', /loopback hosts only/],
  [
    'plain http to a host name that begins like a loopback address',
    webhookGate({ url: 'http://127.0.0.1.example.com' }),
    'gates[0].webhook',
    /loopback hosts only/,
  ],
  ['a file URL', webhookGate({ url: 'file:///etc/passwd' }), 'gates[0].webhook.url', /https/],
  [
    'an https URL without a host',
    webhookGate({ url: 'https://:443' }),
    'gates[0].webhook',
    /not a valid https URL/,
  ],
  [
    "AWS's own secret",
    webhookGate({ url: https, secretEnv: 'AWS_SECRET_ACCESS_KEY' }),
    'gates[0].webhook.secretEnv',
    /not of AWS/,
  ],
  ['an empty list of hours', [{ before: '5%', hours: [] }], 'gates[0].hours', /at least 1 entry/],
  ['hours without a zone', [{ before: '5%', hours: { weekly: 'Mon' } }], 'gates[0].hours.zone', /IANA/],
  [
    'hours without a zone in a list',
    [{ before: '5%', hours: [{ weekly: 'Mon' }] }],
    'gates[0].hours[0].zone',
    /IANA/,
  ],
];

describe('gates', () => {
  it('docs: example of gates, freeze and notify -> valid', () => {
    const docs = readFileSync(
      new URL('../../../../docs/gates-and-notifications.md', import.meta.url),
      'utf8',
    );
    const example: unknown = parse(/```yaml\n([^]*?)```/.exec(docs)?.[1] ?? '');
    const compiled = outputOf(z.strictObject({ freeze, gates, notify }), example);
    assert.deepEqual(
      [compiled.freeze.length, compiled.gates.length, compiled.notify.length],
      [4, 3, 2],
      'freeze, gates, notify',
    );
  });

  it('gates: YAML with every kind -> compiled gates', () => {
    const text = `
      - { before: 25%, approval: { people: 2, allowStarter: true }, within: 3d }
      - { before: traffic, approval: { people: 2, verified: true, allowStarter: true } }
      - { before: 5%, manual: true }
      - { before: promotion, webhook: { url: ${https}, secretEnv: GATE_SECRET, every: 2m } }
      - { before: promotion, webhook: { urlEnv: GATE_URL } }
      - { before: 50%, hours: { weekly: Fri 16:00 - Sat 00:00, zone: Europe/Berlin } }`;
    const within = (withinSeconds: number | null) => ({ withinSeconds });
    assert.deepEqual(outputOf(gates, parse(text)), [
      {
        before: { share: 25 },
        gate: {
          id: 'approval-before-25%',
          kind: 'approval',
          people: 2,
          allowStarter: true,
          verified: false,
          ...within(259_200),
        },
      },
      {
        before: 'traffic',
        gate: {
          id: 'approval-before-traffic',
          kind: 'approval',
          people: 2,
          allowStarter: true,
          verified: true,
          ...within(null),
        },
      },
      { before: { share: 5 }, gate: { id: 'manual-before-5%', kind: 'manual', ...within(null) } },
      {
        before: 'promotion',
        gate: {
          id: 'webhook-before-promotion',
          kind: 'webhook',
          address: { url: https },
          secretEnv: 'GATE_SECRET',
          everySeconds: 120,
          ...within(null),
        },
      },
      {
        before: 'promotion',
        gate: {
          id: 'webhook-before-promotion-2',
          kind: 'webhook',
          address: { env: 'GATE_URL' },
          secretEnv: null,
          everySeconds: 60,
          ...within(null),
        },
      },
      {
        before: { share: 50 },
        gate: {
          id: 'hours-before-50%',
          kind: 'hours',
          open: [{ kind: 'weekly', days: [5], from: '16:00', to: '00:00', zone: 'Europe/Berlin' }],
          ...within(null),
        },
      },
    ]);
  });

  it('gates: hours as a list -> accepted', () => {
    const rule = { weekly: 'Mon', zone: 'UTC' };
    const of = (hours: unknown) => outputOf(gates, [{ before: '5%', hours }])[0]?.gate;
    const [one, two] = [of(rule), of([rule, rule])];
    assert.ok(one?.kind === 'hours' && two?.kind === 'hours');
    assert.deepEqual(two.open, [...one.open, ...one.open]);
  });

  for (const url of ['http://127.0.0.1:8080/gate', 'http://[::1]:8080', 'http://localhost/gate'])
    it(`gates: loopback URL ${url} -> accepted`, () =>
      assert.equal(outputOf(gates, webhookGate({ url })).length, 1));

  for (const [what, json, path, said] of invalid)
    it(`gates: ${what} -> rejected`, () => {
      const problems = problemsIn(z.object({ gates }), { gates: json });
      const problem = problems.find((one) => one.path === path);
      assert.ok(problem, JSON.stringify(problems));
      assert.match(`${problem.message} found: ${problem.found} allowed: ${problem.allowed}`, said);
    });

  for (const url of [
    'https://ci:pass-word@example.com/',
    'https://pass-word@example.com',
    'http://ci:pass-word@[',
  ])
    it(`gates: ${url.replace('pass-word', '...')} -> rejected without repeating the URL`, () => {
      const problems = problemsIn(gates, webhookGate({ url }));
      assert.equal(problems.length, 1);
      assert.equal(JSON.stringify(problems).includes('pass-word'), false);
    });
});
