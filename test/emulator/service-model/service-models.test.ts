import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { applicationAutoScaling } from '../../../src/emulator/application-auto-scaling/service.js';
import { cloudWatch } from '../../../src/emulator/cloudwatch/service.js';
import { cloudWatchLogs } from '../../../src/emulator/logs/service.js';
import { sageMakerRuntime } from '../../../src/emulator/runtime/service.js';
import { iam } from '../../../src/emulator/identity/iam.js';
import { sts } from '../../../src/emulator/identity/sts.js';
import { sageMaker } from '../../../src/emulator/sagemaker/service.js';
import { serviceQuotas } from '../../../src/emulator/service-quotas/service.js';
import { type Reference, serviceModels } from '../../../src/emulator/service-model/model.js';
import { compilePattern } from '../../../src/emulator/service-model/patterns.js';
import { runTool } from '../../../src/servers/run-tool.js';
import { pythonEnv } from '../../support/python-env.js';

const extract = fileURLToPath(new URL('../../../tools/service-models/extract.py', import.meta.url));
const models = fileURLToPath(new URL('../../../src/emulator/service-model/', import.meta.url));

describe('service models', () => {
  it('service models: pinned botocore -> equal', async () => {
    const { python } = await pythonEnv();
    // `npm run service-models` sets UPDATE_SNAPSHOTS=1, which updates the models.
    const update = process.env['UPDATE_SNAPSHOTS'] === '1';
    const folder = update ? models : await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    try {
      await runTool(python, [extract, folder]);
      for (const name of [
        'sagemaker.json',
        'runtime.json',
        'logs.json',
        'cloudwatch.json',
        'application-auto-scaling.json',
        'service-quotas.json',
        'iam.json',
        'sts.json',
      ]) {
        const [kept, taken] = await Promise.all(
          [models, folder].map((each) => readFile(path.join(each, name))),
        );
        assert.ok(kept && taken && kept.equals(taken), `${name} is not what botocore says`);
      }
    } finally {
      if (!update) await rm(folder, { recursive: true });
    }
  }).timeout(600_000);

  it('service models: shape references -> every shape exists', () => {
    for (const { operations, shapes } of Object.values(serviceModels)) {
      const named = [
        ...Object.values(operations).flatMap(({ input, output, errors }) => [
          input,
          ...(output ? [output] : []),
          ...errors,
        ]),
        ...Object.values(shapes).flatMap(({ members, member, key, value }) =>
          [...Object.values(members ?? {}), member, key, value]
            .filter((each): each is Reference => each !== undefined)
            .map(({ shape }) => shape),
        ),
      ];
      assert.deepEqual(
        named.filter((name) => !shapes[name]),
        [],
      );
    }
  });

  it('service models: patterns -> all can be converted', () => {
    const patterns = Object.values(serviceModels)
      .flatMap(({ shapes }) => Object.values(shapes))
      .flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));
    assert.ok(patterns.length > 100);
    for (const pattern of patterns) assert.ok(compilePattern(pattern));
  });

  it('service models: operations -> all are emulated', () => {
    const services = [
      ...[sageMaker, sageMakerRuntime, cloudWatchLogs, cloudWatch, applicationAutoScaling],
      ...[serviceQuotas, iam, sts],
    ];
    for (const { model, operations } of services) {
      assert.deepEqual(Object.keys(model.operations).sort(), [...operations.keys()].sort());
    }
  });
});

describe('Java regular expression', () => {
  const cases: [string, string[], string[]][] = [
    ['[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}', ['a', 'a-b', 'A--9'], ['', '-a', 'a-', 'a_b', 'a\n', ' a']],
    ['.*', ['', 'a b', '\u{1f600}'], ['a\nb', 'a\u2028b', 'a\u0085']],
    ['([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)${1,256}', ['', 'Größe 1', 'a@b'], ['a#b']],
    ['\\A\\S[\\p{Print}]*\\z', ['a', 'a b'], [' a', '', 'aä']],
    ['[\\S\\s]*', ['', 'a\n\u00a0b'], []],
    ['[\\S]+', ['a', '\u00a0'], ['', 'a b']],
    ['a\\-b\\:c\\/', ['a-b:c/'], ['a\\-b:c/']],
    ['\\p{ASCII}*', ['', 'abc'], ['ä']],
    ['^a$|^b$', ['a', 'b'], ['ab', 'c']],
  ];
  for (const [pattern, matching, others] of cases) {
    it(`Java regular expression: ${pattern} -> matches whole texts only`, () => {
      assert.deepEqual(
        matching.filter((text) => !compilePattern(pattern).test(text)),
        [],
      );
      assert.deepEqual(
        others.filter((text) => compilePattern(pattern).test(text)),
        [],
      );
    });
  }

  it('Java regular expression: unsupported syntax -> error', () => {
    for (const pattern of ['[a[b]]', '(', '\\p{NoSuchClass}']) assert.throws(() => compilePattern(pattern));
  });
});
