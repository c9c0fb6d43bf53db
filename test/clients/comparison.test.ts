import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { compareWithMoto, readReasons, writePage, type Comparison, type Reason } from './comparison.js';

const page = new URL('../../docs/emulator-vs-moto.md', import.meta.url);

describe('comparison with moto', function () {
  // The first start on a machine installs moto.
  this.timeout(600_000);
  let comparison: Comparison;
  let reasons: Reason[];
  before(async () => {
    [comparison, reasons] = await Promise.all([compareWithMoto(), readReasons()]);
  });

  it('differences: compared with differences.json -> each has a reason, and each reason a difference', () => {
    const differing = comparison.differences.map(({ label }) => label).sort();
    const explained = reasons.flatMap(({ calls }) => calls).sort();
    assert.deepEqual(differing, explained);
  });

  it('docs/emulator-vs-moto.md: generated again -> unchanged', async () => {
    const text = await writePage(comparison, reasons);
    if (process.env['UPDATE_SNAPSHOTS'] === '1') await writeFile(page, text);
    assert.equal(await readFile(page, 'utf8'), text);
  });
});
