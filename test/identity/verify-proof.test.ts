import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { createVerifyActor } from '../../src/activities/commands/verify-actor.js';
import type { ActorKeys } from '../../src/identity/actor-keys.js';
import { verifyProof } from '../../src/identity/verify-proof.js';
import { claimsOf, type SignedCommand } from '../../src/identity/signed-command.js';
import { Actors } from '../support/actors.js';

const at = new Date('2026-11-23T12:00:00.000Z');

const statement: SignedCommand = {
  workflowId: 'rollout:digits',
  firstRunId: '0192-first',
  command: 'approve',
  actor: 'ada',
  reason: 'numbers look good',
  full: false,
};

function later(seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}

describe('verifyProof', () => {
  let actors: Actors;
  before(() => (actors = new Actors(['ada', 'ben'], ['eve'])));
  after(() => actors.close());

  const verify = (given: SignedCommand, proof: string, when = at, keys: ActorKeys | null = actors.keys) =>
    verifyProof(keys, given, proof, when);

  it('verifyProof: the signed command within its time -> verified', async () => {
    const proof = await actors.sign('ada', statement, at);
    for (const seconds of [-59, 0, 299, 359]) {
      const finding = await verify(statement, proof, later(seconds));
      assert.equal(finding.kind, 'verified', `${seconds} s: ${JSON.stringify(finding)}`);
    }
  });

  it('verifyProof: two proofs of one command -> different ids, valid until expiresAt', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(async () => verify(statement, await actors.sign('ada', statement, at))),
    );
    assert.ok(one?.kind === 'verified' && other?.kind === 'verified');
    assert.notEqual(one.proofId, other.proofId);
    const expired = await verify(
      statement,
      await actors.sign('ada', statement, at),
      new Date(Date.parse(one.expiresAt)),
    );
    assert.deepEqual(expired, { kind: 'invalid', message: 'it has expired' });
  });

  const altered: [difference: string, change: Partial<SignedCommand>, message: RegExp][] = [
    ['another actor with a key', { actor: 'ben' }, /not signed with a key of ben/],
    ['another workflow', { workflowId: 'rollout:letters' }, /another rollout/],
    ['another run', { firstRunId: '0192-second' }, /another rollout/],
    ['another command', { command: 'abort' }, /another command/],
    ['another reason', { reason: 'numbers look good!' }, /not the one that was signed/],
    ['full instead of one step', { full: true }, /not the one that was signed/],
  ];
  for (const [difference, change, message] of altered) {
    it(`verifyProof: ${difference} -> invalid`, async () => {
      const proof = await actors.sign('ada', statement, at);
      const finding = await verify({ ...statement, ...change }, proof);
      assert.ok(finding.kind === 'invalid', JSON.stringify(finding));
      assert.match(finding.message, message);
    });
  }

  it('verifyProof: signed with the key of another actor -> invalid', async () => {
    for (const forger of ['ben', 'eve']) {
      const finding = await verify(statement, await actors.sign(forger, statement, at));
      assert.deepEqual(finding, { kind: 'invalid', message: 'it is not signed with a key of ada' });
    }
  });

  it('verifyProof: signed for another actor -> invalid', async () => {
    const finding = await verify(statement, await actors.sign('ada', { ...statement, actor: 'ben' }, at));
    assert.deepEqual(finding, { kind: 'invalid', message: 'it is from another actor' });
  });

  it('verifyProof: before and after its time -> invalid', async () => {
    const proof = await actors.sign('ada', statement, at);
    assert.deepEqual(await verify(statement, proof, later(361)), {
      kind: 'invalid',
      message: 'it has expired',
    });
    const early = await verify(statement, proof, later(-61));
    assert.ok(early.kind === 'invalid' && /from the future/.test(early.message));
  });

  it('verifyProof: longer validity, missing claim or another algorithm -> invalid', async () => {
    const key = createPrivateKey(actors.pairOf('ada').privatePem);
    const seconds = Math.floor(at.getTime() / 1000);
    const whole = { ...claimsOf(statement), sub: 'ada', aud: 'penstock', iat: seconds, jti: 'one' };
    const sign = (claims: Record<string, unknown>) =>
      new SignJWT({ exp: seconds + 300, ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(key);
    assert.equal((await verify(statement, await sign(whole))).kind, 'verified');
    const long = await sign({ ...whole, exp: seconds + 1e9 });
    assert.equal((await verify(statement, long, later(400))).kind, 'invalid');
    for (const claim of ['exp', 'iat', 'sub', 'aud', 'jti', 'wf', 'run', 'cmd', 'arg']) {
      const finding = await verify(statement, await sign({ ...whole, [claim]: undefined }));
      assert.equal(finding.kind, 'invalid', claim);
    }
    for (const claims of [{ jti: 7 }, { aud: 'others' }, { exp: 'soon' }])
      assert.equal((await verify(statement, await sign({ ...whole, ...claims }))).kind, 'invalid');
    const secret = new TextEncoder().encode(actors.pairOf('ada').publicPem);
    const hmac = await new SignJWT({ ...whole, exp: seconds + 300 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(secret);
    assert.equal((await verify(statement, hmac)).kind, 'invalid');
  });

  it('verifyProof: not a signed JWS -> invalid', async () => {
    const [header = '', payload = '', signature = ''] = (await actors.sign('ada', statement, at)).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const proof of [
      'x',
      'a.b.c',
      `${none}.${payload}.`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature}.x`,
    ]) {
      const finding = await verify(statement, proof);
      assert.equal(finding.kind, 'invalid', proof);
    }
  });

  it('verifyProof: no keys, or none of the actor -> unverifiable', async () => {
    const proof = await actors.sign('eve', { ...statement, actor: 'eve' }, at);
    const unknown = await verify({ ...statement, actor: 'eve' }, proof);
    assert.deepEqual(unknown, { kind: 'unverifiable', message: 'the worker has no public key of eve' });
    const without = await verify(statement, proof, at, null);
    assert.deepEqual(without, { kind: 'unverifiable', message: 'the worker has no public keys of actors' });
  });

  it('verifyActor: failure while verifying -> unverifiable', async () => {
    const broken = {
      of: () => {
        throw new Error('out of keys');
      },
    } as unknown as ActorKeys;
    const verifyActor = createVerifyActor(broken);
    const finding = await verifyActor({ statement, proof: 'x', at: at.toISOString() });
    assert.deepEqual(finding, {
      kind: 'unverifiable',
      message: 'could not verify the signature: out of keys',
    });
  });
});
