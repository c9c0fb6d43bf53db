/** The file that checks a spec's settings says what AWS's model says. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { specShapesText } from '../../../../tools/service-models/spec-shapes.js';

const file = new URL('../../../../src/plan/spec/members/aws-shapes.json', import.meta.url);

describe('shapes of settings', () => {
  it('aws-shapes.json: model of SageMaker that the emulator has -> equal', () => {
    // `npm run service-models` sets it.
    if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(file, specShapesText());
    assert.equal(readFileSync(file, 'utf8'), specShapesText());
  });
});
