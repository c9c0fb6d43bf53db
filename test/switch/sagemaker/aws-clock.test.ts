import assert from 'node:assert/strict';
import {
  answerError,
  answerWell,
  openEnvironment,
  send,
  type Behaviour,
  type SwitchEnvironment,
} from '../switch-environment.js';
import { splitOf } from '../split/splits.js';

const minute = 60_000;

/** Like AWS, refuses signatures that are more than five minutes off. Its clock is `aheadMs` ahead of this machine. */
function strictAt(aheadMs: () => number): Behaviour {
  return (received, response) => {
    const stamp = String(received.headers['x-amz-date']);
    const signed = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
    const now = Date.now() + aheadMs();
    response.setHeader('date', new Date(now).toUTCString());
    const isRefused = Math.abs(Date.parse(signed) - now) > 5 * minute;
    const answer = isRefused
      ? answerError(403, 'InvalidSignatureException', 'Signature expired')
      : answerWell;
    answer(received, response);
  };
}

describe('switch with a wrong clock', () => {
  let environment: SwitchEnvironment;
  beforeEach(async () => (environment = await openEnvironment({ splits: { shop: splitOf() } })));
  afterEach(() => environment.stop());

  for (const ahead of [10, -10]) {
    it(`switch: AWS's clock is ${ahead} minutes ahead -> one refusal, then signs with AWS's clock`, async () => {
      environment.backend.behave = strictAt(() => ahead * minute);
      for (let i = 0; i < 5; i++) assert.equal((await send(environment, { user: 'ana' })).status, 200);
      assert.equal(environment.backend.received.length, 6);
    });
  }

  it('switch: clock skew is found during parallel requests -> all requests succeed', async () => {
    environment.backend.behave = strictAt(() => 10 * minute);
    const users = Array.from({ length: 20 }, (_, i) => `user-${i}`);
    const answers = await Promise.all(users.map((user) => send(environment, { user })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  });

  it('switch: its clock is corrected -> signs with the corrected clock', async () => {
    let ahead = 10 * minute;
    environment.backend.behave = strictAt(() => ahead);
    assert.equal((await send(environment, { user: 'ana' })).status, 200);
    ahead = 0;
    assert.equal((await send(environment, { user: 'ana' })).status, 200);
  });

  it('switch: signature refused for another reason than its time -> 503 without a retry', async () => {
    environment.backend.behave = answerError(403, 'InvalidSignatureException', 'The request signature ...');
    assert.equal((await send(environment, { user: 'ana' })).status, 503);
    assert.equal(environment.backend.received.length, 1);
  });
});
