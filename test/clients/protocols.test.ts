import assert from 'node:assert/strict';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runScript } from './scripts.js';

/** What protocols.py prints: by protocol, calls with what came of them. */
type Spoken = Record<string, [operation: string, answer: Record<string, unknown>][]>;

describe('CloudWatch, as boto3 speaks to it', function () {
  // The first start on a machine installs it.
  this.timeout(600_000);
  let emulator: Emulator;
  let spoken: Spoken;
  before(async () => {
    emulator = await startEmulator();
    spoken = await runScript<Spoken>('protocols.py', emulator.env);
  });
  after(() => emulator?.stop());

  /** Without the protocol's own names and the times of the calls. */
  function saidIn(protocol: string): unknown {
    const text = JSON.stringify(spoken[protocol], (name, value: unknown) =>
      /^(State.*|AlarmConfigurationUpdated)Timestamp$/.test(name) ? 'a time' : value,
    );
    return JSON.parse(text.replaceAll(`-${protocol}`, ''));
  }

  for (const protocol of ['smithy-rpc-v2-cbor', 'query']) {
    it(`answers in ${protocol} all that it answers in JSON`, () => {
      assert.deepEqual(saidIn(protocol), saidIn('json'));
    });
  }

  it('answers in JSON what was put', () => {
    const all = spoken['json'] ?? [];
    const [sums] = all.filter(([operation]) => operation === 'get_metric_data').map(([, answer]) => answer);
    const [series] = sums?.['MetricDataResults'] as { Values: number[]; Label: string }[];
    assert.deepEqual(series?.Values, [5.5, 8.5, 20.5]);
    assert.equal(series?.Label, 'sales');
    assert.deepEqual(
      all.filter(([, answer]) => 'code' in answer).map(([operation, { code }]) => [operation, code]),
      [
        ['put_metric_data', 'InvalidParameterValue'],
        ['get_metric_data', 'ValidationError'],
        ['get_metric_data', 'ValidationError'],
        ['put_metric_alarm', 'ValidationError'],
        ['set_alarm_state', 'ResourceNotFound'],
        ['delete_alarms', 'ResourceNotFound'],
      ],
    );
  });
});
