import assert from 'node:assert/strict';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runScript } from './scripts.js';

/** Output of protocols.py: calls and their outcomes by protocol. */
type Outcomes = Record<string, [operation: string, outcome: Record<string, unknown>][]>;

interface Refusal {
  type: string;
  code: string;
  message: string;
  status: number;
  idLength: number;
}

const invalid = ['InvalidParameterValueException', 'InvalidParameterValue', 400] as const;
const validation = ['ValidationException', 'ValidationError', 400] as const;
const missing = ['ResourceNotFound', 'ResourceNotFound', 404] as const;
/** The client's exception, then code, status and message of the error, in the order of the script's calls. */
const refusals: (readonly [type: string, code: string, status: number, message: RegExp])[] = [
  [...invalid, /^The value AWS\/SageMaker for parameter Namespace is invalid/],
  [...invalid, /^The parameter MetricData\.member\.1\.Unit must be a value in the set \[ Seconds, /],
  [...validation, /MetricDataQueries are not unique/],
  [...validation, /Mode for parameter Stat is not supported/],
  [...validation, /^The value Wrong for parameter Id is not matching/],
  [...validation, /DatapointsToAlarm must not be greater/],
  [...missing, /^$/],
  [
    ...validation,
    /^1 validation error detected: Value 'GREEN' at 'stateValue' failed to satisfy constraint: /,
  ],
  ['ClientError', 'InvalidAction', 400, /ListDashboards/],
];

describe('CloudWatch protocols of boto3', function () {
  // The first start on a machine installs boto3.
  this.timeout(600_000);
  let emulator: Emulator;
  let outcomes: Outcomes;
  before(async () => {
    emulator = await startEmulator();
    outcomes = await runScript<Outcomes>('protocols.py', emulator.env);
  });
  after(() => emulator?.stop());

  /** The outcomes without names of the protocol and without times of the calls. */
  function outcomesIn(protocol: string): unknown {
    const text = JSON.stringify(outcomes[protocol], (name, value: unknown) => {
      // botocore reads an empty XML element as None.
      if (name === 'message') return value ?? '';
      return /^(State.*|AlarmConfigurationUpdated)Timestamp$/.test(name) ? 'a time' : value;
    });
    return JSON.parse(text.replaceAll(`-${protocol}`, ''));
  }

  for (const protocol of ['smithy-rpc-v2-cbor', 'query']) {
    it(`CloudWatch: ${protocol} -> the same outcomes as in JSON`, () => {
      assert.deepEqual(outcomesIn(protocol), outcomesIn('json'));
    });
  }

  it('CloudWatch: JSON -> the values that were put, and the expected errors', () => {
    const all = outcomes['json'] ?? [];
    const [sums] = all.filter(([operation]) => operation === 'get_metric_data').map(([, outcome]) => outcome);
    const [series] = sums?.['MetricDataResults'] as { Values: number[]; Label: string }[];
    assert.deepEqual(series?.Values, [5.5, 8.5, 20.5]);
    assert.equal(series?.Label, 'sales');
    const refused = all.flatMap(([, outcome]) => ('code' in outcome ? [outcome as unknown as Refusal] : []));
    assert.deepEqual(
      refused.map(({ type, code, status, idLength }) => [type, code, status, idLength]),
      refusals.map(([type, code, status]) => [type, code, status, 36]),
    );
    for (const [index, [, , , message]] of refusals.entries())
      assert.match(refused[index]?.message ?? '', message);
  });
});
