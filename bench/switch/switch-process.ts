/**
 * Runs the switch like `penstock switch`, with a constant split. Arguments: port, URL of the backend, state
 * directory, `records` or `plain`.
 */
import type { Split } from '../../src/plan/split/split.js';
import { switchSchema } from '../../src/switch/config-schema.js';
import { startSwitch } from '../../src/switch/start-switch.js';

const [port = '', backend = '', state = '', records = ''] = process.argv.slice(2);

const split: Split = {
  format: 1,
  endpoint: 'bench',
  rolloutId: 'bench-00000000',
  sequence: 1,
  since: '2026-01-01T00:00:00.000Z',
  bucketing: 'fnv1a32x2/10000',
  seed: 'bench',
  targets: {
    baseline: { endpoint: 'bench', variant: 'bench-a' },
    candidate: { endpoint: 'bench', variant: 'bench-b' },
  },
  candidateShare: 50,
};

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
await startSwitch({
  config: switchSchema.parse({
    listen: { port: Number(port) },
    state,
    ...(records === 'records' ? { records: { cloudwatch: {} } } : {}),
  }),
  folder: '.',
  source: { read: (endpoint) => Promise.resolve(endpoint === split.endpoint ? split : null) },
  runtime: { endpoint: backend, region: 'eu-west-1', credentials },
  cloudwatch: { send: () => Promise.resolve({ $metadata: {} }) },
  log: () => undefined,
});
