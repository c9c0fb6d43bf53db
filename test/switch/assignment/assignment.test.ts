import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Split } from '../../../src/plan/split/split.js';
import {
  assign,
  type AssignmentRules,
  type AssignmentRequest,
} from '../../../src/switch/assignment/assignment.js';
import { switchSchema } from '../../../src/switch/config-schema.js';
import { fallbackOf } from '../../../src/switch/sagemaker/fallback.js';
import {
  findUser,
  readCookie,
  readField,
  writeCookie,
} from '../../../src/switch/assignment/user-identity.js';
import { splitOf, twoEndpoints } from '../split/splits.js';

function rulesOf(change: object = {}): AssignmentRules {
  return switchSchema.parse(change);
}

function ask(rules: AssignmentRules, change: Partial<AssignmentRequest> = {}) {
  const { role, reason } = assign(rules, {
    ...{ endpoint: 'shop', split: splitOf(), user: 'ada', headers: {}, namedVariant: null },
    ...change,
  });
  return `${role} ${reason}`;
}

describe('findUser', () => {
  it('findUser: header constructor is configured, and the request has none -> the next source', () => {
    const { user } = rulesOf({ user: [{ header: 'constructor' }, { header: 'X-User' }] }) as ReturnType<
      typeof switchSchema.parse
    >;
    assert.equal(findUser(user, { 'x-user': 'ada' }, Buffer.from('')), 'ada');
    assert.equal(findUser(user, { constructor: 'bea' }, Buffer.from('')), 'bea');
  });
});

describe('assign', () => {
  it('assign: testers and cohorts match -> the first rule of the file wins, before the bucket', () => {
    const rules = rulesOf({
      testers: { candidate: ['tess'] },
      cohorts: [
        { name: 'staff', header: { name: 'X-Plan', in: ['staff'] }, assign: 'candidate' },
        { name: 'far', country: ['JP'], assign: 'out' },
        { name: 'key', users: ['ada'], assign: 'baseline' },
      ],
    });
    const split = splitOf({ candidateShare: 0 });
    assert.equal(
      ask(rules, { split, user: 'tess', headers: { 'cloudfront-viewer-country': 'JP' } }),
      'candidate tester',
    );
    assert.equal(ask(rules, { split, headers: { 'x-plan': 'staff' } }), 'candidate cohort');
    const all = splitOf({ candidateShare: 100 });
    assert.equal(
      ask(rules, { split: all, user: null, headers: { 'cloudfront-viewer-country': 'JP' } }),
      'baseline cohort',
    );
    assert.equal(ask(rules, { split: all }), 'baseline cohort');
    assert.equal(ask(rules, { split: all, user: 'grace' }), 'candidate bucket');
  });

  it('assign: a header names an arm -> applied only if testers.header is set', () => {
    const headers = { 'x-arm': 'candidate' };
    const split = splitOf({ candidateShare: 0 });
    assert.equal(ask(rulesOf(), { split, headers }), 'baseline bucket');
    assert.equal(ask(rulesOf({ testers: { header: 'X-Arm' } }), { split, headers }), 'candidate tester');
  });

  it('assign: the split has one arm -> every user gets it', () => {
    const targets: Split['targets'] = { baseline: null, candidate: { endpoint: 'shop', variant: 'b' } };
    assert.equal(ask(rulesOf(), { split: splitOf({ targets, candidateShare: 0 }) }), 'candidate oneArm');
    const forced = rulesOf({ testers: { baseline: ['ada'] } });
    assert.equal(ask(forced, { split: splitOf({ targets }) }), 'candidate tester');
  });

  it('assign: no user id, or no split -> the baseline', () => {
    assert.equal(ask(rulesOf(), { user: null, split: splitOf({ candidateShare: 100 }) }), 'baseline noUser');
    assert.equal(ask(rulesOf(), { split: null }), 'baseline noSplit');
  });

  it('assign: the share rises -> a user of the candidate stays on the candidate', () => {
    const shares = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), shares, (user, tenths) => {
        const rising = [...tenths].sort((a, b) => a - b);
        const roles = rising.map((share) =>
          ask(rulesOf(), { user, split: splitOf({ candidateShare: share / 10 }) }),
        );
        assert.deepEqual(roles, [...roles].sort());
      }),
    );
  });
});

describe('fallbackOf', () => {
  const bucket = {
    role: 'candidate',
    target: { endpoint: 'shop', variant: 'shop-b' },
    reason: 'bucket',
  } as const;
  const gone = { status: 400, text: '{"Message":"Variant shop-b not found for endpoint shop."}' };

  it('fallbackOf: the variant does not exist -> the endpoint without a variant', () => {
    assert.deepEqual(fallbackOf(gone, bucket, splitOf(), false), {
      target: { endpoint: 'shop', variant: null },
      reason: 'variantGone',
    });
  });

  it('fallbackOf: the error names another variant -> no fallback', () => {
    const text = gone.text.replace('shop-b', 'shop-b-2');
    assert.equal(fallbackOf({ status: 400, text }, bucket, splitOf(), false), null);
  });

  it('fallbackOf: the client named the variant -> no fallback', () => {
    assert.equal(fallbackOf(gone, { ...bucket, reason: 'named' }, splitOf(), true), null);
  });

  it('fallbackOf: one of two endpoints does not exist -> the other one, in both directions', () => {
    const split = splitOf({ targets: twoEndpoints });
    for (const [own, other] of [
      ['shop', 'shop-next'],
      ['shop-next', 'shop'],
    ] as const) {
      const target = { endpoint: own, variant: null };
      const failure = { status: 400, text: `Endpoint ${own} of account 1 not found.` };
      assert.equal(fallbackOf(failure, { ...bucket, target }, split, false)?.target.endpoint, other);
    }
  });

  it('fallbackOf: an arm fails -> the baseline only for the candidate and with retryOnBaseline', () => {
    for (const status of [424, 500, 503]) {
      const failure = { status, text: '' };
      assert.equal(fallbackOf(failure, bucket, splitOf(), true)?.reason, 'candidateFailed');
      assert.equal(fallbackOf(failure, bucket, splitOf(), false), null);
      assert.equal(fallbackOf(failure, { ...bucket, role: 'baseline' }, splitOf(), true), null);
    }
    assert.equal(fallbackOf({ status: 429, text: '' }, bucket, splitOf(), true), null);
  });
});

describe('user id', () => {
  it('readCookie: several cookies -> the value of the named one', () => {
    assert.equal(readCookie('a=1; user=ada; b=2', 'user'), 'ada');
    assert.equal(readCookie('xuser=no; user="x=y"', 'user'), '"x=y"');
    assert.equal(readCookie('a=1', 'user'), null);
    assert.equal(readCookie(undefined, 'user'), null);
  });

  it('readField: JSON body -> text or number of the field, otherwise null', () => {
    const read = (json: string, path = 'user.id') => readField(Buffer.from(json), path);
    assert.equal(read('{"user":{"id":"ada"}}'), 'ada');
    assert.equal(read('{"user":{"id":7}}'), '7');
    for (const none of ['{"user":{}}', '{"user":null}', '{"user":{"id":{}}}', '[]', 'text', ''])
      assert.equal(read(none), null, none);
    assert.equal(read('{"a":1}', 'constructor.name'), null);
  });

  it('writeCookie: all settings -> HttpOnly cookie with domain and Secure', () => {
    const settings = { maxAge: 86_400_000, secure: true, domain: 'example.com' };
    assert.equal(
      writeCookie('u', 'id', settings),
      'u=id; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax; Domain=example.com; Secure',
    );
  });
});
