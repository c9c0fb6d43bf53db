import assert from 'node:assert/strict';
import { SpecTooLarge } from '../../src/client.js';
import { startOptionsOf, startOptionsOfWaves } from '../../src/client/start-options.js';
import { maxSpecBytes } from '../../src/workflows/messages.js';
import { smallest } from '../plan/specs.js';
import { assertRunbookEntry } from '../support/runbook.js';

const startedBy = 'ada@laptop';

/** The smallest spec with a golden record that makes it as large as that, in bytes of JSON. */
function specOf(bytes: number) {
  const withRecord = (body: string) => ({
    ...smallest,
    endpoint: 'Churn',
    name: 'Everywhere',
    validate: { golden: { records: [{ body, expect: {} }] } },
  });
  return withRecord('x'.repeat(bytes - JSON.stringify(withRecord('')).length));
}

describe('start options', () => {
  it('start options: no task queue given -> the default of workers', () => {
    assert.equal(startOptionsOf(specOf(1_000), { startedBy }).taskQueue, 'penstock');
  });

  it('start options: a task queue given -> that queue, for a rollout and for waves', () => {
    for (const optionsOf of [startOptionsOf, startOptionsOfWaves])
      assert.equal(
        optionsOf(specOf(1_000), { startedBy, taskQueue: 'penstock-us' }).taskQueue,
        'penstock-us',
      );
  });

  it('start options: value of an environment variable -> in the argument, not in the details of the Web UI', () => {
    const settings = { PrimaryContainer: { Environment: { HF_TOKEN: 'hf_0123456789abcdefgh' } } };
    const spec = { ...specOf(1_000), models: { candidate: { settings } } };
    for (const optionsOf of [startOptionsOf, startOptionsOfWaves]) {
      const { args, staticDetails } = optionsOf(spec, { startedBy });
      assert.deepEqual(args, [spec]);
      assert.match(staticDetails ?? '', /"HF_TOKEN": "\*\*\*"/);
      assert.doesNotMatch(staticDetails ?? '', /hf_0123/);
    }
  });

  for (const [kind, optionsOf, subject] of [
    ['rollout', startOptionsOf, 'Churn'],
    ['waves', startOptionsOfWaves, 'everywhere'],
  ] as const) {
    it(`start options: the largest spec of a ${kind} -> accepted`, () => {
      assert.equal(
        JSON.stringify(optionsOf(specOf(maxSpecBytes), { startedBy }).args?.[0]).length,
        maxSpecBytes,
      );
    });

    it(`start options: a spec of a ${kind} that is one byte too large -> SpecTooLarge`, () => {
      assert.throws(
        () => optionsOf(specOf(maxSpecBytes + 1), { startedBy }),
        (error) => {
          assert.ok(error instanceof SpecTooLarge);
          assert.deepEqual([error.subject, error.bytes], [subject, maxSpecBytes + 1]);
          assertRunbookEntry(
            error.message,
            'The spec of churn has 2000000 bytes of JSON, more than 1600000. Nothing was started. Use fewer or smaller golden records.',
          );
          return true;
        },
      );
    });
  }
});
