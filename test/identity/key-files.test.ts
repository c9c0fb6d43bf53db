import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActorKey } from '../../src/identity/actor-key.js';
import { ActorKeys } from '../../src/identity/actor-keys.js';
import { InvalidActorKeys } from '../../src/identity/invalid-actor-keys.js';
import { Actors, makeKeyPair } from '../support/actors.js';

/** The message has the place, the found and the expected value, and no part of the key. */
function invalidKeys(found: RegExp, ...secrets: string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof InvalidActorKeys, String(error));
    assert.match(error.message, /^PENSTOCK_ACTOR_KEY(S|_FILE) \(.*: got .*; expected /s);
    assert.match(error.message, found);
    assert.equal(error.cause, undefined);
    for (const secret of secrets) assert.ok(!error.message.includes(secret));
    return true;
  };
}

/** The first line of a PEM's body. */
function bodyOf(pem: string): string {
  return pem.split('\n')[1] ?? pem;
}

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('key files of actors', () => {
  let actors: Actors;
  before(() => (actors = new Actors(['ada'])));
  after(() => actors.close());

  const file = (name: string, text: string) => {
    const path = join(actors.folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('key files: no variable -> no key', () => {
    for (const env of [{}, { PENSTOCK_ACTOR_KEY_FILE: '', PENSTOCK_ACTOR_KEYS: '' }]) {
      assert.equal(ActorKey.read(env), null);
      assert.equal(ActorKeys.read(env), null);
    }
  });

  it('PENSTOCK_ACTOR_KEYS: two keys of an actor -> both; unknown actor -> none', () => {
    const text = JSON.stringify({ ada: [makeKeyPair().publicPem, makeKeyPair().publicPem] });
    const keys = ActorKeys.parse(text, 'PENSTOCK_ACTOR_KEYS (x)');
    assert.deepEqual([keys.of('ada').length, keys.of('ben').length, keys.of('toString').length], [2, 0, 0]);
  });

  it('PENSTOCK_ACTOR_KEY_FILE: not a private key -> rejected, content not shown', () => {
    const { privatePem, publicPem } = actors.pairOf('ada');
    const cut = privatePem.replace(/.{12}\n-----END/, '\n-----END');
    const invalid: [text: string, got: RegExp][] = [
      ['', /got no PEM/],
      [bodyOf(privatePem), /got no PEM/],
      [cut, /got a PEM of "PRIVATE KEY"/],
      [publicPem, /got a PEM of "PUBLIC KEY"/],
      [rsa.privateKey, /got a key of type rsa/],
    ];
    for (const [text, got] of invalid) {
      const env = { PENSTOCK_ACTOR_KEY_FILE: file('bad.pem', text) };
      assert.throws(
        () => ActorKey.read(env),
        invalidKeys(got, bodyOf(privatePem), bodyOf(cut), bodyOf(rsa.privateKey)),
      );
    }
    const env = { PENSTOCK_ACTOR_KEY_FILE: join(actors.folder, 'missing.pem') };
    assert.throws(() => ActorKey.read(env), invalidKeys(/no readable file \(ENOENT\)/));
  });

  it('PENSTOCK_ACTOR_KEYS: not a list of public keys -> rejected with the place', () => {
    const { privatePem, publicPem } = actors.pairOf('ada');
    const invalid: [text: string, got: RegExp][] = [
      [privatePem, /got invalid JSON/],
      ['[]', /got a list instead of an object/],
      ['null', /got null instead of an object/],
      ['{"ada": "x"}', /actor "ada": got a string instead of a list/],
      ['{"ada": []}', /actor "ada": got an empty list/],
      [JSON.stringify({ '': [publicPem] }), /actor "": got an empty name/],
      [JSON.stringify({ ada: [publicPem, 7] }), /actor "ada", key 2: got a number/],
      [JSON.stringify({ ada: [privatePem] }), /actor "ada", key 1: got a PEM of "PRIVATE KEY"/],
      [JSON.stringify({ ada: [rsa.publicKey] }), /actor "ada", key 1: got a key of type rsa/],
      [JSON.stringify({ ada: ['-----BEGIN PUBLIC KEY-----\nAAAA'] }), /got a PEM of "PUBLIC KEY"/],
    ];
    for (const [text, got] of invalid) {
      const env = { PENSTOCK_ACTOR_KEYS: file('bad.json', text) };
      assert.throws(() => ActorKeys.read(env), invalidKeys(got, bodyOf(privatePem)));
    }
    const env = { PENSTOCK_ACTOR_KEYS: actors.folder };
    assert.throws(() => ActorKeys.read(env), invalidKeys(/no readable file \(EISDIR\)/));
  });
});
