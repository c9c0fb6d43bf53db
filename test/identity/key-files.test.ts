import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActorKey } from '../../src/identity/actor-key.js';
import { ActorKeys } from '../../src/identity/actor-keys.js';
import { InvalidActorKeys } from '../../src/identity/invalid-actor-keys.js';
import { Actors, makeKeyPair } from '../support/actors.js';

/** Where, found, allowed; and nothing of the key. */
function badKeys(found: RegExp, ...secrets: string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof InvalidActorKeys, String(error));
    assert.match(error.message, /^PENSTOCK_ACTOR_KEY(S|_FILE) \(.*: found .*; allowed: /s);
    assert.match(error.message, found);
    assert.equal(error.cause, undefined);
    for (const secret of secrets) assert.ok(!error.message.includes(secret));
    return true;
  };
}

/** What is between a PEM's lines. */
function bodyOf(pem: string): string {
  return pem.split('\n')[1] ?? pem;
}

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('the files of actors and their keys', () => {
  let actors: Actors;
  before(() => (actors = new Actors(['ada'])));
  after(() => actors.close());

  const file = (name: string, text: string) => {
    const path = join(actors.folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('need not be there: then nobody signs, and nobody is verified', () => {
    for (const env of [{}, { PENSTOCK_ACTOR_KEY_FILE: '', PENSTOCK_ACTOR_KEYS: '' }]) {
      assert.equal(ActorKey.read(env), null);
      assert.equal(ActorKeys.read(env), null);
    }
  });

  it('may have several keys of a name, and people without any', () => {
    const text = JSON.stringify({ ada: [makeKeyPair().publicPem, makeKeyPair().publicPem] });
    const keys = ActorKeys.parse(text, 'PENSTOCK_ACTOR_KEYS (x)');
    assert.deepEqual([keys.of('ada').length, keys.of('ben').length, keys.of('toString').length], [2, 0, 0]);
  });

  it('that are no private key are refused, in a sentence without anything of them', () => {
    const { privatePem, publicPem } = actors.pairOf('ada');
    const cut = privatePem.replace(/.{12}\n-----END/, '\n-----END');
    const bad: [text: string, found: RegExp][] = [
      ['', /found no PEM/],
      [bodyOf(privatePem), /found no PEM/],
      [cut, /found a PEM of "PRIVATE KEY"/],
      [publicPem, /found a PEM of "PUBLIC KEY"/],
      [rsa.privateKey, /found a key of type rsa/],
    ];
    for (const [text, found] of bad) {
      const env = { PENSTOCK_ACTOR_KEY_FILE: file('bad.pem', text) };
      assert.throws(
        () => ActorKey.read(env),
        badKeys(found, bodyOf(privatePem), bodyOf(cut), bodyOf(rsa.privateKey)),
      );
    }
    const env = { PENSTOCK_ACTOR_KEY_FILE: join(actors.folder, 'missing.pem') };
    assert.throws(() => ActorKey.read(env), badKeys(/no file that can be read \(ENOENT\)/));
  });

  it('that are no list of public keys are refused, naming the place', () => {
    const { privatePem, publicPem } = actors.pairOf('ada');
    const bad: [text: string, found: RegExp][] = [
      [privatePem, /found no JSON/],
      ['[]', /found a list in place of an object/],
      ['null', /found null in place of an object/],
      ['{"ada": "x"}', /actor "ada": found a string in place of a list/],
      ['{"ada": []}', /actor "ada": found an empty list/],
      [JSON.stringify({ '': [publicPem] }), /actor "": found an empty name/],
      [JSON.stringify({ ada: [publicPem, 7] }), /actor "ada", key 2: found a number/],
      [JSON.stringify({ ada: [privatePem] }), /actor "ada", key 1: found a PEM of "PRIVATE KEY"/],
      [JSON.stringify({ ada: [rsa.publicKey] }), /actor "ada", key 1: found a key of type rsa/],
      [JSON.stringify({ ada: ['-----BEGIN PUBLIC KEY-----\nAAAA'] }), /found a PEM of "PUBLIC KEY"/],
    ];
    for (const [text, found] of bad) {
      const env = { PENSTOCK_ACTOR_KEYS: file('bad.json', text) };
      assert.throws(() => ActorKeys.read(env), badKeys(found, bodyOf(privatePem)));
    }
    const env = { PENSTOCK_ACTOR_KEYS: actors.folder };
    assert.throws(() => ActorKeys.read(env), badKeys(/no file that can be read \(EISDIR\)/));
  });
});
