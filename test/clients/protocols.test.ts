import assert from 'node:assert/strict';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runScript } from './scripts.js';

/** What protocols.py prints: by protocol, calls with what came of them. */
type Spoken = Record<string, [operation: string, answer: Record<string, unknown>][]>;

interface Refusal {
  type: string;
  code: string;
  message: string;
  status: number;
  idLength: number;
}

const invalid = ['InvalidParameterValueException', 'InvalidParameterValue', 400] as const;
const unsound = ['ValidationException', 'ValidationError', 400] as const;
const missing = ['ResourceNotFound', 'ResourceNotFound', 404] as const;
/** The client's exception, then code, status and message of the error, in the order of the script's calls. */
const refusals: (readonly [type: string, code: string, status: number, message: RegExp])[] = [
  [...invalid, /^The value AWS\/SageMaker for parameter Namespace is invalid/],
  [...invalid, /^The parameter MetricData\.member\.1\.Unit must be a value in the set \[ Seconds, /],
  [...unsound, /MetricDataQueries are not unique/],
  [...unsound, /Mode for parameter Stat is not supported/],
  [...unsound, /^The value Wrong for parameter Id is not matching/],
  [...unsound, /DatapointsToAlarm must not be greater/],
  [...missing, /^Alarm busy-json-not does not exist/],
  [...unsound, /^1 validation error detected: Value 'GREEN' at 'stateValue' failed to satisfy constraint: /],
  [...missing, /^Alarms do not exist: busy-json/],
  ['ClientError', 'InvalidAction', 400, /ListDashboards/],
];

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
    const refused = all.flatMap(([, answer]) => ('code' in answer ? [answer as unknown as Refusal] : []));
    assert.deepEqual(
      refused.map(({ type, code, status, idLength }) => [type, code, status, idLength]),
      refusals.map(([type, code, status]) => [type, code, status, 36]),
    );
    for (const [index, [, , , message]] of refusals.entries())
      assert.match(refused[index]?.message ?? '', message);
  });
});
