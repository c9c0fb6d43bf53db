import assert from 'node:assert/strict';
import {
  answerError,
  answerWell,
  openStage,
  send,
  type Behaviour,
  type Stage,
} from '../switch-environment.js';
import { splitOf } from '../split/splits.js';

const minute = 60_000;

/** Refuses, as AWS does, what was signed more than five minutes ago or ahead; by a clock that is ahead of this one. */
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

describe('a switch whose clock is wrong', () => {
  let stage: Stage;
  beforeEach(async () => (stage = await openStage({ splits: { shop: splitOf() } })));
  afterEach(() => stage.stop());

  for (const ahead of [10, -10]) {
    it(`is refused once, and then signs by AWS's clock, ${ahead} minutes ahead`, async () => {
      stage.backend.behave = strictAt(() => ahead * minute);
      for (let i = 0; i < 5; i++) assert.equal((await send(stage, { user: 'ana' })).status, 200);
      assert.equal(stage.backend.received.length, 6);
    });
  }

  it('answers all that were under way when it learns of it', async () => {
    stage.backend.behave = strictAt(() => 10 * minute);
    const users = Array.from({ length: 20 }, (_, i) => `user-${i}`);
    const answers = await Promise.all(users.map((user) => send(stage, { user })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  });

  it('follows when its clock is put right', async () => {
    let ahead = 10 * minute;
    stage.backend.behave = strictAt(() => ahead);
    assert.equal((await send(stage, { user: 'ana' })).status, 200);
    ahead = 0;
    assert.equal((await send(stage, { user: 'ana' })).status, 200);
  });

  it('does not ask again where the time is not what is wrong', async () => {
    stage.backend.behave = answerError(403, 'InvalidSignatureException', 'The request signature ...');
    assert.equal((await send(stage, { user: 'ana' })).status, 503);
    assert.equal(stage.backend.received.length, 1);
  });
});
